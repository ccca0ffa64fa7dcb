#include "compiler/lowering/emit/AxisLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <numeric>

using namespace mlir;
using namespace mpc;

static constexpr int64_t vectorLanes = 8;

//===-- Tiles -------------------------------------------------------------===//

AxisPlan::AxisPlan(ArrayRef<int64_t> shape, ArrayRef<int64_t> axes, Grain grain)
    : shape(shape), grain(grain) {
  for (int64_t d = 0; d < int64_t(shape.size()); ++d)
    (llvm::is_contained(axes, d) ? reduced : kept).push_back(d);
}

Shape AxisPlan::extents(ArrayRef<int64_t> dimensions) const {
  Shape result;
  for (int64_t d : dimensions)
    result.push_back(shape[size_t(d)]);
  return result;
}

bool AxisPlan::byColumns() const {
  return !kept.empty() && kept.back() == int64_t(shape.size()) - 1 &&
         shape.back() > 1;
}

int64_t AxisPlan::columnsPerTile() const {
  return std::min<int64_t>(columns(), grain.columns);
}

int64_t AxisPlan::columnTiles() const {
  return (columns() + columnsPerTile() - 1) / columnsPerTile();
}

int64_t AxisPlan::rowsPerTile() const {
  int64_t each = elementCount(extents(reduced)) * columnsPerTile();
  return std::clamp<int64_t>(grain.reads / std::max<int64_t>(each, 1), 1,
                             std::max<int64_t>(rows(), 1));
}

int64_t AxisPlan::tiles() const {
  return (rows() + rowsPerTile() - 1) / rowsPerTile() * columnTiles();
}

TeamShape AxisPlan::team() const {
  int64_t length = elementCount(extents(reduced));
  if (!byColumns())
    return teamForRow(length);
  // A warp is at 32 columns; more rows than that are shared by several.
  constexpr int64_t side = 32, rowsOfOne = 16;
  if (length <= rowsOfOne)
    return {};
  int64_t size = llvm::PowerOf2Ceil(llvm::divideCeil(length, rowsOfOne));
  return {.size = std::min<int64_t>(size, side), .columns = side};
}

//===-- Loops -------------------------------------------------------------===//

void AxisLoops::forOutputs(Body body) {
  k.forTiles([&](Value tile) {
    auto [rowTile, columnTile] = k.divide(tile, plan.columnTiles());
    Value row = k.times(rowTile, plan.rowsPerTile());
    Value rowEnd = k.blockEnd(row, plan.rowsPerTile(), plan.rows());
    k.forRange(row, rowEnd, 1, [&](Value r) {
      if (!plan.byColumns())
        return body(k.split(r, plan.extents(plan.kept)), 1);
      Values kept = k.split(r, plan.extents(ArrayRef(plan.kept).drop_back()));
      kept.push_back({});
      Value column = k.times(columnTile, plan.columnsPerTile());
      Value end = k.blockEnd(column, plan.columnsPerTile(), plan.columns());
      k.forLanes(column, end,
                 plan.columnsPerTile() < vectorLanes ? 1 : vectorLanes,
                 [&](Value i, int64_t lanes) {
                   kept.back() = i;
                   body(kept, lanes);
                 });
    });
  });
}

AxisLoops::Values AxisLoops::indices(ValueRange kept, ValueRange reduced) {
  Values all(plan.shape.size());
  for (auto [d, index] : llvm::zip_equal(plan.kept, kept))
    all[size_t(d)] = index;
  for (auto [d, index] : llvm::zip_equal(plan.reduced, reduced))
    all[size_t(d)] = index;
  return all;
}

AxisLoops::Values AxisLoops::keptDims(ValueRange kept) {
  return indices(kept, Values(plan.reduced.size(), k.index(0)));
}

AxisLoops::Values AxisLoops::foldColumns(ValueRange kept, int64_t lanes,
                                         Init init, Step step) {
  return k.foldShape(plan.extents(plan.reduced), init(lanes),
                     [&](ValueRange at, ValueRange carried) {
                       return step(carried, indices(kept, at), lanes);
                     });
}

// The length of what is reduced along the last dimension, else 1.
static int64_t rowLength(const AxisPlan &plan) {
  bool last = !plan.reduced.empty() &&
              plan.reduced.back() == int64_t(plan.shape.size()) - 1;
  return last ? plan.shape.back() : 1;
}

AxisLoops::Values AxisLoops::foldRow(ValueRange kept, Init init, Step step,
                                     Join join) {
  Shape outer = plan.extents(plan.reduced);
  int64_t length = rowLength(plan), whole = length / vectorLanes * vectorLanes;
  bool hasRow = length != 1;
  if (hasRow)
    outer.pop_back();
  auto run = [&](ValueRange at, int64_t lo, int64_t hi, int64_t lanes,
                 ValueRange carried) -> Values {
    if (lo == hi)
      return carried;
    return k.fold(k.index(lo), k.index(hi), lanes, carried,
                  [&](Value i, ValueRange now) {
                    Values reduced(at);
                    if (hasRow)
                      reduced.push_back(i);
                    return step(now, indices(kept, reduced), lanes);
                  });
  };
  Values first = init(vectorLanes);
  size_t count = first.size();
  first.append(init(1));
  Values totals =
      k.foldShape(outer, first, [&](ValueRange at, ValueRange carried) {
        Values next = run(at, 0, whole, vectorLanes, carried.take_front(count));
        next.append(run(at, whole, length, 1, carried.drop_front(count)));
        return next;
      });
  Values results;
  for (size_t i = 0; i < count; ++i) {
    auto joinBoth = [&](Value x, Value y) { return join(i, x, y); };
    results.push_back(
        joinBoth(k.joinLanes(totals[i], joinBoth), totals[count + i]));
  }
  return results;
}

// Whether the kernel writes f32 for every element that it folds. 4 lanes then
// let a warp write whole sectors, and narrow tensors are read well enough.
static bool writesWideRows(KernelOp kernel, const AxisPlan &plan) {
  return llvm::any_of(kernel.getResultTypes(), [&](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return tensor.getElementTypeBitWidth() >= 32 &&
           tensor.getNumElements() == elementCount(plan.shape);
  });
}

// The reduced dimensions as one, in groups of neighbours that do not cross the
// end of a row.
int64_t AxisLoops::teamLanes() const {
  int64_t length = plan.byColumns() ? 1 : rowLength(plan);
  bool isWide = accessLanes(k.kernel) == 4 || writesWideRows(k.kernel, plan);
  return std::gcd(length, isWide ? 4 : vectorLanes);
}

AxisLoops::Values AxisLoops::teamIndices(ValueRange kept, Value position) {
  return indices(kept, k.split(position, plan.extents(plan.reduced)));
}

int64_t AxisLoops::heldSteps() const {
  constexpr int64_t mostElements = 32; // and as many registers
  int64_t length = elementCount(plan.extents(plan.reduced));
  int64_t ofTeam = teamLanes() * k.team.size;
  bool isHeld = k.team.size > 1 && !plan.byColumns() && length % ofTeam == 0 &&
                length / k.team.size <= mostElements;
  return isHeld ? length / ofTeam : 0;
}

AxisLoops::Values AxisLoops::forHeldSteps(ValueRange kept, Values carried,
                                          Step body) {
  int64_t lanes = teamLanes();
  Value first = k.times(k.team.rank, lanes);
  for (int64_t i = 0; i < heldSteps(); ++i) {
    heldStep = i;
    Value at = arith::AddIOp::create(k.b, k.loc, first,
                                     k.index(i * lanes * k.team.size));
    carried = body(carried, teamIndices(kept, at), lanes);
  }
  heldStep.reset();
  return carried;
}

Value AxisLoops::hold(int64_t number, llvm::function_ref<Value()> make) {
  if (!heldStep)
    return make();
  auto [place, isNew] = held.try_emplace({number, *heldStep});
  if (!isNew)
    return place->second;
  Value value = make();
  held[{number, *heldStep}] = value;
  return value;
}

AxisLoops::Values AxisLoops::foldShares(ValueRange kept, Value lo, Value hi,
                                        int64_t steps, Values init, Step step) {
  int64_t lanes = teamLanes(), stride = lanes * k.team.size;
  Value first =
      arith::AddIOp::create(k.b, k.loc, lo, k.times(k.team.rank, lanes));
  return k.fold(
      first, hi, steps * stride, init, [&](Value position, ValueRange carried) {
        Values next(carried);
        for (int64_t i = 0; i < steps; ++i) {
          Value at =
              arith::AddIOp::create(k.b, k.loc, position, k.index(i * stride));
          next = step(next, teamIndices(kept, at), lanes);
        }
        return next;
      });
}

AxisLoops::Values AxisLoops::joinTeam(Values totals, Join join) {
  for (auto [i, total] : llvm::enumerate(totals)) {
    auto joinBoth = [&](Value x, Value y) { return join(i, x, y); };
    total = k.joinTeam(k.joinLanes(total, joinBoth), joinBoth);
  }
  return totals;
}

AxisLoops::Values AxisLoops::foldByTeam(ValueRange kept, Init init, Step step,
                                        Join join) {
  Values first = init(teamLanes());
  if (heldSteps() > 0)
    return joinTeam(forHeldSteps(kept, first, step), join);
  int64_t length = elementCount(plan.extents(plan.reduced));
  int64_t stride = teamLanes() * k.team.size;
  int64_t steps = std::gcd(length / stride, stepsAtATime);
  if (length % stride != 0 || steps < 1)
    steps = 1;
  return joinTeam(
      foldShares(kept, k.index(0), k.index(length), steps, first, step), join);
}

AxisLoops::Values AxisLoops::foldPart(ValueRange kept, Value part, int64_t size,
                                      Init init, Step step, Join join) {
  int64_t length = elementCount(plan.extents(plan.reduced));
  int64_t steps = size / (teamLanes() * k.team.size);
  Value lo = k.times(part, size);
  return joinTeam(foldShares(kept, lo, k.blockEnd(lo, size, length),
                             length % size == 0 ? steps : 1, init(teamLanes()),
                             step),
                  join);
}

AxisLoops::Values AxisLoops::fold(ValueRange kept, int64_t lanes, Init init,
                                  Step step, Join join) {
  if (k.team.size > 1)
    return foldByTeam(kept, init, step, join);
  return plan.byColumns() ? foldColumns(kept, lanes, init, step)
                          : foldRow(kept, init, step, join);
}

void AxisLoops::forElements(ValueRange kept, int64_t lanes, Body body) {
  if (heldSteps() > 0) {
    forHeldSteps(kept, {},
                 [&](ValueRange, ValueRange at, int64_t own) -> Values {
                   body(at, own);
                   return {};
                 });
    return;
  }
  if (k.team.size > 1) {
    int64_t own = teamLanes();
    return k.forShare(
        0, elementCount(plan.extents(plan.reduced)), own,
        [&](Value position) { body(teamIndices(kept, position), own); });
  }
  Shape outer = plan.extents(plan.reduced);
  int64_t length = plan.byColumns() ? 1 : rowLength(plan);
  if (length != 1)
    outer.pop_back();
  k.foldShape(outer, {}, [&](ValueRange at, ValueRange) -> Values {
    if (length == 1) {
      body(indices(kept, at), lanes);
      return {};
    }
    Values reduced(at);
    reduced.push_back({});
    k.forLanes(k.index(0), k.index(length),
               length < vectorLanes ? 1 : vectorLanes,
               [&](Value i, int64_t rowLanes) {
                 reduced.back() = i;
                 body(indices(kept, reduced), rowLanes);
               });
    return {};
  });
}

//===-- Arithmetic --------------------------------------------------------===//

Value RowMath::add(Value x, Value y) {
  return arith::AddFOp::create(k.b, k.loc, x, y);
}
Value RowMath::sub(Value x, Value y) {
  return arith::SubFOp::create(k.b, k.loc, x, y);
}
Value RowMath::mul(Value x, Value y) {
  return arith::MulFOp::create(k.b, k.loc, x, y);
}
Value RowMath::div(Value x, Value y) {
  return arith::DivFOp::create(k.b, k.loc, x, y);
}
Value RowMath::max(Value x, Value y) {
  return arith::MaximumFOp::create(k.b, k.loc, x, y);
}
Value RowMath::exp(Value x) { return math::ExpOp::create(k.b, k.loc, x); }
Value RowMath::log(Value x) { return math::LogOp::create(k.b, k.loc, x); }
Value RowMath::inverseRoot(Value x) {
  return div(number(1, lanesOf(x)), math::SqrtOp::create(k.b, k.loc, x));
}
Value RowMath::number(double value, int64_t lanes) {
  return f32Constant(k.b, k.loc, value, lanes);
}
Value RowMath::spread(Value x, int64_t lanes) {
  return broadcastLanes(k.b, k.loc, x, lanes);
}
