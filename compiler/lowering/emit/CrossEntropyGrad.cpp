// The gradient of cross_entropy. Phase 0 sums the weights that it divides
// by, and divides.
#include "compiler/lowering/emit/CrossEntropyRows.h"
#include "compiler/lowering/emit/Emitters.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mpc;

//===-- Factors -----------------------------------------------------------===//

void CrossEntropyRows::storeFactors() {
  auto totals = k.foldShare(
      0, p.positions, 1, {i64(0), number(0)},
      [&](Value i, ValueRange so) -> SmallVector<Value> {
        Value label = k.load(p.labels, labelAt(i)), counted = counts(label);
        Value one = arith::ExtUIOp::create(b, loc, b.getI64Type(), counted);
        Value weighted = add(so[1], weightOf(label));
        return {arith::AddIOp::create(b, loc, so[0], one),
                arith::SelectOp::create(b, loc, counted, weighted, so[1])};
      });
  totals[0] = k.joinTeam(totals[0], [&](Value x, Value y) -> Value {
    return arith::AddIOp::create(b, loc, x, y);
  });
  totals[1] =
      k.joinTeam(totals[1], [&](Value x, Value y) { return add(x, y); });
  Value ofLabels = totals[1], ofClasses = number(double(p.classes));
  if (p.weights)
    ofClasses = sumOfWeights();
  else
    ofLabels = arith::SIToFPOp::create(b, loc, b.getF32Type(), totals[0]);
  Value factor = div(k.load(p.gradient, {}), ofLabels);
  k.once([&] {
    memref::StoreOp::create(b, loc, factor, k.workspaces[0], k.index(0));
    memref::StoreOp::create(b, loc, ofClasses, k.workspaces[0], k.index(1));
  });
}

Value CrossEntropyRows::sumOfWeights() {
  Value share = k.foldShare(0, p.classes, 1, number(0),
                            [&](Value c, ValueRange so) -> Values {
                              return {add(so[0], k.load(p.weights, c))};
                            })[0];
  return k.joinTeam(share, [&](Value x, Value y) { return add(x, y); });
}

CrossEntropyRows::Factors CrossEntropyRows::loadFactors() {
  auto known = [&](int64_t which) -> Value {
    return memref::LoadOp::create(b, loc, k.workspaces[0], k.index(which));
  };
  Value ofGradient = known(0), ofClasses = known(1);
  return {ofGradient, ofClasses};
}

//===-- Rows --------------------------------------------------------------===//

void CrossEntropyRows::storeGradient(Indices position, Value label,
                                     const RowSum &sum,
                                     const Factors &factors) {
  Value inverse =
      p.isShort ? shortInverse(sum.total) : div(number(1), sum.total);
  Value reference = referenceBehind(sum, inverse);
  Value cls = numberOf(label), weight;
  if (!p.isPlain())
    weight = mul(weightOf(label), number(1 - p.smoothing));
  Value minusFactor = arith::NegFOp::create(b, loc, factors.ofGradient);
  auto gradientAt = [&](ValueRange at, int64_t n) -> Value {
    Value softmax = mul(power(reference, at, n, lift), spread(inverse, n));
    Value by = spread(factors.ofGradient, n);
    auto less = [&](Value atLabel) -> Value {
      return arith::SelectOp::create(b, loc, isLabel(cls, at[p.axis], n),
                                     spread(atLabel, n), number(0, n));
    };
    if (p.isPlain() && n > 1 && !loops.holdsRows())
      return plainGradient(softmax, cls, at[p.axis], factors.ofGradient);
    if (p.isPlain())
      return math::FmaOp::create(b, loc, softmax, by, less(minusFactor));
    Value difference = add(softmax, less(number(-1)));
    difference = mul(spread(weight, n), difference);
    if (p.smoothing != 0)
      difference =
          add(difference, smoothed(softmax, at, spread(factors.ofClasses, n)));
    return mul(difference, by);
  };
  auto storeAll = [&](llvm::function_ref<Value(ValueRange, int64_t)> make) {
    loops.forElements(position, 1, [&](ValueRange at, int64_t n) {
      k.store({{p.result, make(at, n)}}, at, n);
    });
  };
  // 0 also if a row that does not count has NaN.
  auto branch = scf::IfOp::create(b, loc, counts(label), true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(branch.thenBlock()->getTerminator());
  storeAll(gradientAt);
  b.setInsertionPoint(branch.elseBlock()->getTerminator());
  storeAll([&](ValueRange, int64_t n) { return number(0, n); });
}

// (softmax - 1 at the label) * factor
Value CrossEntropyRows::plainGradient(Value softmax, Value label, Value cls,
                                      Value factor) {
  int64_t n = lanesOf(softmax);
  Value by = spread(factor, n);
  return unlessLabel(label, cls, mul(softmax, by), [&]() -> Value {
    Value less = arith::NegFOp::create(b, loc, factor);
    Value atLabel = arith::SelectOp::create(b, loc, isLabel(label, cls, n),
                                            spread(less, n), number(0, n));
    return math::FmaOp::create(b, loc, softmax, by, atLabel);
  });
}

// A row's known value has the bits of its label's number, or another negative
// one if it does not count.
void CrossEntropyRows::streamGradients(ThreadBuilder &t,
                                       const StreamPlan &plan) {
  using Row = StreamedRows::Row;
  using Place = StreamedRows::Place;
  constexpr int32_t ignored = -2;
  Factors factors = loadFactors();
  StreamedRows rows(k, t, plan, p.logits);
  auto i32 = [&](int64_t value) { return t.number(value); };
  auto labelOf = [&](const Row &row) -> Value {
    return arith::BitcastOp::create(b, loc, b.getI32Type(), rows.known(row, 0));
  };
  auto isCounted = [&](Value label) -> Value {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, label,
                                 i32(ignored));
  };
  StreamedRows::Work work = sumStreamed(rows, /*areHeld=*/true);
  work.known = [&](ValueRange kept) {
    Value label = k.load(p.labels, kept);
    Value cls = arith::SelectOp::create(b, loc, counts(label), numberOf(label),
                                        i32(ignored));
    return Values{arith::BitcastOp::create(b, loc, b.getF32Type(), cls)};
  };
  work.finish = [&](ValueRange sum, const Row &row, Value isOne) {
    if (p.loss)
      t.branch(isOne, [&] {
        Value label = labelOf(row), counted = isCounted(label);
        Value safe = arith::MaxSIOp::create(b, loc, label, i32(0));
        Values at(row.kept);
        at.push_back(t.index(safe));
        Value loss = sub(logOfSum(sum[0]), sub(k.load(p.logits, at), sum[1]));
        loss = arith::SelectOp::create(b, loc, counted, loss, number(0));
        Value one = arith::ExtUIOp::create(b, loc, b.getI64Type(), counted);
        Value weight =
            arith::SelectOp::create(b, loc, counted, number(1), number(0));
        storeTile(t.index(row.number), {loss, one, weight});
      });
    return Values{div(number(1), sum[0]), sum[1]};
  };
  work.last = [&](ArrayRef<Row> all, ArrayRef<Values> finished,
                  ArrayRef<Values> own) {
    for (auto [row, of, before] : llvm::zip_equal(all, finished, own)) {
      Value label = labelOf(row),
            inverse = mul(of[0], rebaseHeld(before, of[1]));
      auto storeAll = [&, &row = row](auto make) {
        rows.forPlaces(row, [&](ArrayRef<Place> places) {
          rows.store(row, places[0], {{p.result, make(places[0])}});
        });
      };
      // 0 also if a row that does not count has NaN.
      t.branch(
          isCounted(label),
          [&] {
            storeAll([&](const Place &place) {
              Value softmax =
                  mul(rows.load(row, place, 0), spread(inverse, place.lanes));
              return plainGradient(softmax, label, rows.column(row, place),
                                   factors.ofGradient);
            });
          },
          [&] {
            storeAll(
                [&](const Place &place) { return number(0, place.lanes); });
          });
    }
  };
  rows.run(work);
}

// s / C * (softmax * sum(weights) - weights[c])
Value CrossEntropyRows::smoothed(Value softmax, ValueRange at,
                                 Value ofClasses) {
  int64_t lanes = lanesOf(softmax);
  return mul(number(p.smoothing / double(p.classes), lanes),
             sub(mul(softmax, ofClasses), classWeight(at, lanes)));
}

// The label as i32, or -1 where it is no class.
Value CrossEntropyRows::numberOf(Value label) {
  Value isClass = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                        label, i64(p.classes));
  Value safe = arith::SelectOp::create(b, loc, isClass, label, i64(-1));
  return arith::TruncIOp::create(b, loc, b.getI32Type(), safe);
}

// How far the label is behind a class; of none it is below 0.
Value CrossEntropyRows::distanceTo(Value label, Value cls) {
  Value first = arith::IndexCastOp::create(b, loc, b.getI32Type(), cls);
  return arith::SubIOp::create(b, loc, label, first);
}

// `value`, or what `make` gives for lanes one of which is the label: hardly any
// are.
Value CrossEntropyRows::unlessLabel(Value label, Value cls, Value value,
                                    llvm::function_ref<Value()> make) {
  Value isThere = arith::CmpIOp::create(
      b, loc, arith::CmpIPredicate::ult, distanceTo(label, cls),
      intConstant(b, loc, b.getI32Type(), lanesOf(value)));
  auto branch = scf::IfOp::create(b, loc, value.getType(), isThere, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, loc, make());
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, value);
  return branch.getResult(0);
}

// Which lanes, from this class on, are the label.
Value CrossEntropyRows::isLabel(Value label, Value cls, int64_t lanes) {
  Value distance = distanceTo(label, cls);
  Value lane = intConstant(b, loc, b.getI32Type(), 0);
  if (lanes > 1)
    lane = arith::ConstantOp::create(
        b, loc,
        b.getI32VectorAttr(llvm::to_vector(llvm::seq<int32_t>(0, lanes))));
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                               spread(distance, lanes), lane);
}

//===-- The kernel --------------------------------------------------------===//

namespace {
struct Emit : CrossEntropyRows {
  using CrossEntropyRows::CrossEntropyRows;
  using CrossEntropyRows::emitsStream;

  void run() {
    if (k.phase == 0)
      return k.forTiles([&](Value) { storeFactors(); });
    Factors factors = loadFactors();
    loops.forTiles([&](Value tile) {
      auto [begin, end] = positionsOf(tile);
      k.forRange(begin, end, 1, [&](Value i) {
        Values position = labelAt(i);
        Value label = k.load(p.labels, position);
        storeGradient(position, label, sumOfClasses(position, lift), factors);
      });
    });
  }
};
} // namespace

static SmallVector<int64_t> tilesOf(KernelOp kernel) {
  return {1, CrossEntropyProblem(kernel.getRootOp()).tilesOfGradient(kernel)};
}

static SmallVector<MemRefType> workspacesOf(KernelOp kernel) {
  return {MemRefType::get({2}, Builder(kernel).getF32Type())};
}

static TeamShape teamOf(KernelOp kernel, int64_t phase) {
  CrossEntropyProblem problem(kernel.getRootOp());
  return phase == 0 ? teamForRow(problem.positions) : problem.team(kernel);
}

bool CrossEntropyRows::emitsStream(TileKernel &k) {
  auto plan = CrossEntropyProblem(k.root).stream(k.kernel);
  if (!plan)
    return false;
  emitThreads(k, [&](TileKernel &own, ThreadBuilder &b) {
    CrossEntropyRows(own).streamGradients(b, *plan);
  });
  return true;
}

static LogicalResult emitGradient(TileKernel &k) {
  if (k.phase == 0 || !Emit::emitsStream(k))
    Emit(k).run();
  return success();
}

const TileEmitter mpc::crossEntropyGradEmitter = {
    "mpc.cross_entropy_grad", tilesOf, workspacesOf, emitGradient, teamOf};
