#include "compiler/lowering/emit/CrossEntropyRows.h"
#include "compiler/lowering/ScalarShort.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;
using namespace mpc;

//===-- The problem -------------------------------------------------------===//

CrossEntropyProblem::CrossEntropyProblem(Operation *root) {
  auto read = [&](auto op) {
    logits = op.getLogits();
    labels = op.getLabels();
    weights = op.getWeights();
    axis = size_t(op.getClassAxis());
    ignored = int64_t(op.getIgnoreIndex());
    smoothing = op.getLabelSmoothing().convertToFloat();
  };
  if (auto op = dyn_cast<CrossEntropyOp>(root)) {
    read(op);
    loss = op.getLoss();
  } else if (auto op = dyn_cast<CrossEntropyGradOp>(root)) {
    read(op);
    gradient = op.getGradient();
    result = op.getResult();
  } else {
    auto both = cast<CrossEntropyAndGradOp>(root);
    read(both);
    gradient = both.getGradient();
    loss = both.getLoss();
    result = both.getResult();
  }
  isShort = (!loss || scalar::hasShortForms(elementTypeOf(logits))) &&
            (!result || scalar::hasShortForms(elementTypeOf(result)));
  grain = grainOf(root);
  perTile = grain.labels;
  classes = shapeOf(logits)[axis];
  positions = elementCount(shapeOf(labels));
}

int64_t CrossEntropyProblem::tiles() const {
  return (positions + perTile - 1) / perTile;
}

AxisPlan CrossEntropyProblem::plan() const {
  return {shapeOf(logits), {int64_t(axis)}, grain};
}

// With no more registers than it needs there are more threads to wait with, and
// to compute. `rest` is for what is no element of a row.
static int64_t registersFor(int64_t elements, int64_t bits, int64_t rest) {
  constexpr int64_t least = 32, step = 8;
  return std::max<int64_t>(
      least, llvm::alignTo(uint64_t(elements * bits / 32 + rest), step));
}

std::optional<StreamPlan> CrossEntropyProblem::stream(KernelOp kernel) const {
  if (!gradient || !isPlain() || perTile != 1)
    return std::nullopt;
  return streamedRows(kernel, plan(), logits,
                      {.exchanged = 2, .finished = 2, .known = 1});
}

int64_t CrossEntropyProblem::tilesOfGradient(KernelOp kernel) const {
  auto plan = stream(kernel);
  return plan ? plan->clusters : tiles();
}

// The loss reads its rows once, so that no team need hold them.
TeamShape CrossEntropyProblem::team(KernelOp kernel) const {
  if (auto plan = stream(kernel))
    return plan->team;
  bool byRows = axis + 1 == shapeOf(logits).size();
  if (gradient && byRows) {
    TeamShape team = teamHolding(kernel, plan(), logits);
    int64_t held = heldElements(kernel, plan(), team);
    if (isPlain() && isShort && held > 0)
      team.registers = registersFor(held, 32, 24);
    return team;
  }
  TeamShape team = teamForRow(classes);
  team.size = std::min<int64_t>(team.size, 256);
  if (!isPlain() || !byRows)
    return team;
  int64_t bits = elementTypeOf(logits).getIntOrFloatBitWidth();
  int64_t held = heldElements(kernel, plan(), team);
  if (held > 0) {
    // Two elements of 16 bits share a register, but are not computed there.
    team.registers = registersFor(held, bits, bits == 32 ? 16 : 20);
    return team;
  }
  team.registers = registersFor(groupsAtATime * 128 / bits, 32, 24);
  // The largest teams with which there is room for all rows at once, or of 128
  // threads; of 16 bits there is none either way.
  auto haveRoom = [&](int64_t threads) {
    return positions * threads <= multiprocessors * 1536;
  };
  if (bits == 32 && team.size > 64 && !haveRoom(team.size))
    team.size =
        haveRoom(64) && !haveRoom(128) ? 64 : std::min<int64_t>(team.size, 128);
  return team;
}

// More threads would have too few registers for three sums.
TeamShape CrossEntropyProblem::teamOfTiles() const {
  constexpr int64_t most = 512;
  TeamShape team = teamForRow(tiles());
  team.size = std::min(team.size, most);
  return team;
}

//===-- Labels ------------------------------------------------------------===//

CrossEntropyRows::CrossEntropyRows(TileKernel &k)
    : CrossEntropyRows(k, CrossEntropyProblem(k.root)) {}

CrossEntropyRows::CrossEntropyRows(TileKernel &k,
                                   const CrossEntropyProblem &problem)
    : RowPowers(k, problem.plan(), problem.logits), b(k.b), loc(k.loc),
      p(problem) {}

Value CrossEntropyRows::i64(int64_t value) {
  return intConstant(b, loc, b.getI64Type(), value);
}

Value CrossEntropyRows::counts(Value label) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, label,
                               i64(p.ignored));
}

std::pair<Value, Value> CrossEntropyRows::positionsOf(Value tile) {
  Value begin = k.times(tile, p.perTile);
  return {begin, k.blockEnd(begin, p.perTile, p.positions)};
}

CrossEntropyRows::Values CrossEntropyRows::labelAt(Value position) {
  return k.split(position, shapeOf(p.labels));
}

Value CrossEntropyRows::safeIndex(Value label) {
  Value low = arith::MaxSIOp::create(b, loc, label, i64(0));
  Value safe = arith::MinSIOp::create(b, loc, low, i64(p.classes - 1));
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), safe);
}

Value CrossEntropyRows::weightOf(Value label) {
  return p.weights ? k.load(p.weights, safeIndex(label)) : number(1);
}

//===-- Classes -----------------------------------------------------------===//

CrossEntropyRows::Values CrossEntropyRows::classAt(Indices position,
                                                   Value cls) {
  return loops.indices(position, cls);
}

Value CrossEntropyRows::logit(ValueRange at, int64_t lanes) {
  return loops.loadHeld(logits, at, lanes);
}

Value CrossEntropyRows::classWeight(ValueRange at, int64_t lanes) {
  return p.weights ? k.load(p.weights, at[p.axis], lanes) : number(1, lanes);
}

Value CrossEntropyRows::shifted(Value reference, ValueRange at, int64_t lanes) {
  return sub(logit(at, lanes), spread(reference, lanes));
}

Value CrossEntropyRows::raise(Value x, int64_t shift) {
  return p.isShort ? shortExp(x, shift) : lowExp(x);
}

Value CrossEntropyRows::power(Value reference, ValueRange at, int64_t lanes,
                              int64_t shift) {
  return loops.holdInstead(logits, powers, at, lanes, [&] {
    return raise(shifted(reference, at, lanes), shift);
  });
}

CrossEntropyRows::RowSum CrossEntropyRows::sumOfClasses(Indices position,
                                                        int64_t shift) {
  if (k.team.size > 1 && !loops.holdsRows() && !loops.canHoldInstead(logits)) {
    PowerSum sum = sumInOnePass(position, shift);
    return {sum, sum.reference};
  }
  return sumOfPowers(position, 1,
                     [&](Value reference, ValueRange at, int64_t n) {
                       return power(reference, at, n, shift);
                     });
}

// Rows that no team's registers hold are read once: each thread has a reference
// of its own and raises it to the largest logit so far only where one is above
// it by more than 40, so hardly ever after its first; powers of e and their
// sums are far from the largest f32 all the same. (Milakov and Gimelshein 2018,
// "Online normalizer calculation for softmax", have the sum that goes with a
// growing maximum.)
RowPowers::PowerSum CrossEntropyRows::sumInOnePass(Indices position,
                                                   int64_t shift) {
  double infinity = std::numeric_limits<double>::infinity();
  auto larger = [&](size_t, Value x, Value y) { return max(x, y); };
  auto added = [&](size_t, Value x, Value y) { return add(x, y); };
  auto [groups, edges] = loops.foldOwn(
      position, p.gradient ? 2 : p.groupsAtATime,
      [&](int64_t n) { return Values{number(-infinity), number(0, n)}; },
      [&](ValueRange so, ArrayRef<AxisLoops::Group> at, int64_t lanes) {
        return addGroups({so[0], so[1]}, at, lanes, shift);
      });
  Value own = k.joinBlock(max(groups[0], edges[0]), larger)[0];
  auto rebased = [&](const Values &share) {
    Value total =
        k.joinLanes(share[1], [&](Value x, Value y) { return add(x, y); });
    return mul(total, rebase(share[0], own));
  };
  TileKernel::OfBlocks sums =
      k.gatherBlocks(add(rebased(groups), rebased(edges)), added, own);
  return joined(sums(1), sums(0));
}

// Of logits in 16 bits two at a time.
Value CrossEntropyRows::largestOf(ValueRange logits) {
  Type stored = elementTypeOf(p.logits);
  Value top;
  for (Value x : logits) {
    if (!stored.isF32())
      x = arith::TruncFOp::create(b, loc, withLanes(stored, lanesOf(x)), x);
    top = top ? max(top, x) : x;
  }
  for (int64_t half = lanesOf(top) / 2; half > 1; half /= 2) {
    auto part = [&](int64_t first) -> Value {
      return vector::ExtractStridedSliceOp::create(
          b, loc, top, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{half},
          ArrayRef<int64_t>{1});
    };
    top = max(part(0), part(half));
  }
  top = k.joinLanes(top, [&](Value x, Value y) { return max(x, y); });
  if (!stored.isF32())
    top = arith::ExtFOp::create(b, loc, b.getF32Type(), top);
  return top;
}

CrossEntropyRows::Values
CrossEntropyRows::addGroups(PowerSum so, ArrayRef<AxisLoops::Group> groups,
                            int64_t lanes, int64_t shift) {
  constexpr double mostAbove = 40;
  const Value none = number(-std::numeric_limits<double>::infinity(), lanes);
  Values loaded;
  for (const auto &[at, isThere] : groups) {
    Value x = logit(at, lanes);
    loaded.push_back(
        isThere ? Value(arith::SelectOp::create(b, loc, isThere, x, none)) : x);
  }
  Value top = largestOf(loaded);
  // Also where it is NaN, or the first.
  Value isHigh =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UGT,
                            sub(top, so.reference), number(mostAbove));
  Type types[] = {so.reference.getType(), so.total.getType()};
  auto branch = scf::IfOp::create(b, loc, types, isHigh, true);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, loc, ValueRange{so.reference, so.total});
    b.setInsertionPointToStart(branch.thenBlock());
    Value raised = max(so.reference, top);
    Value factor = rebase(so.reference, raised);
    scf::YieldOp::create(
        b, loc, ValueRange{raised, mul(so.total, spread(factor, lanes))});
  }
  Value reference = branch.getResult(0), total = branch.getResult(1);
  Value base = spread(finite(reference), lanes);
  for (Value x : loaded)
    total = addTerm(total, raise(sub(x, base), shift));
  return {reference, total};
}
