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

Value CrossEntropyRows::inverseOf(Value total) {
  return p.isShort ? shortInverse(total) : div(number(1), total);
}

void CrossEntropyRows::storeGradient(Indices position, Value label,
                                     const RowSum &sum,
                                     const Factors &factors) {
  Value inverse = inverseOf(sum.total);
  Value reference = referenceBehind(sum, inverse), cls = numberOf(label);
  Scale scale{inverse, factors.ofGradient};
  // 0 also if a row that does not count has NaN.
  auto branch = scf::IfOp::create(b, loc, counts(label), true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(branch.thenBlock()->getTerminator());
  if (p.isPlain())
    storePlain(position, cls, reference, scale);
  else
    storeWeighted(position, label, reference, scale, factors.ofClasses);
  b.setInsertionPoint(branch.elseBlock()->getTerminator());
  storeAll(position, [&](ValueRange, int64_t n) { return number(0, n); });
}

void CrossEntropyRows::storeAll(
    Indices position, llvm::function_ref<Value(ValueRange, int64_t)> make) {
  loops.forElements(position, 1, [&](ValueRange at, int64_t n) {
    k.store({{p.result, make(at, n)}}, at, n);
  });
}

// Of long rows hardly any vector has the label, whose element is stored again.
void CrossEntropyRows::storePlain(Indices position, Value cls, Value reference,
                                  const Scale &scale) {
  auto powerAt = [&](ValueRange at, int64_t n) {
    return power(reference, at, n, lift);
  };
  auto gradientAt = [&](ValueRange at, int64_t n) {
    return plainGradient(powerAt(at, n), scale, isLabel(cls, at[p.axis], n));
  };
  if (loops.holdsRows())
    return storeAll(position, gradientAt);
  auto storeProducts = [&](llvm::function_ref<Value(Value, int64_t)> product) {
    storeAll(position, [&](ValueRange at, int64_t n) {
      return n == 1 ? gradientAt(at, n) : product(powerAt(at, n), n);
    });
  };
  Value both = mul(scale.inverse, scale.factor);
  auto byBoth = [&](Value x, int64_t n) { return mul(x, spread(both, n)); };
  if (!p.isShort) {
    storeProducts(byBoth);
  } else {
    // Powers are up to 2^lift, so that this may be subnormal where gradients
    // are not.
    Value isNormal = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE,
                                           math::AbsFOp::create(b, loc, both),
                                           number(0x1p-126));
    auto branch = scf::IfOp::create(b, loc, isNormal, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(branch.thenBlock()->getTerminator());
    storeProducts(byBoth);
    b.setInsertionPoint(branch.elseBlock()->getTerminator());
    storeProducts([&](Value x, int64_t n) {
      return mul(mul(x, spread(scale.inverse, n)), spread(scale.factor, n));
    });
  }
  Value column = arith::IndexCastOp::create(b, loc, b.getIndexType(), cls);
  loops.forElementOf(position, column, [&](ValueRange at) {
    k.store({{p.result, gradientAt(at, 1)}}, at);
  });
}

// (softmax - 1 at the label) * factor
Value CrossEntropyRows::plainGradient(Value power, const Scale &scale,
                                      Value isLabel) {
  int64_t n = lanesOf(power);
  Value softmax = mul(power, spread(scale.inverse, n));
  Value minusFactor = arith::NegFOp::create(b, loc, scale.factor);
  Value less = arith::SelectOp::create(b, loc, isLabel, spread(minusFactor, n),
                                       number(0, n));
  return fma(softmax, spread(scale.factor, n), less);
}

// The same times the label's weight, and smoothed.
void CrossEntropyRows::storeWeighted(Indices position, Value label,
                                     Value reference, const Scale &scale,
                                     Value ofClasses) {
  Value weight = mul(weightOf(label), number(1 - p.smoothing));
  Value cls = numberOf(label);
  storeAll(position, [&](ValueRange at, int64_t n) {
    Value softmax =
        mul(power(reference, at, n, lift), spread(scale.inverse, n));
    Value less = arith::SelectOp::create(b, loc, isLabel(cls, at[p.axis], n),
                                         number(-1, n), number(0, n));
    Value difference = mul(spread(weight, n), add(softmax, less));
    if (p.smoothing != 0)
      difference = add(difference, smoothed(softmax, at, spread(ofClasses, n)));
    return mul(difference, spread(scale.factor, n));
  });
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

static LogicalResult emitGradient(TileKernel &k) {
  if (k.phase == 0 || !Emit::emitsStream(k))
    Emit(k).run();
  return success();
}

const TileEmitter mpc::crossEntropyGradEmitter = {
    "mpc.cross_entropy_grad", tilesOf, workspacesOf, emitGradient, teamOf};
