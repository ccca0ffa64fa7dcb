#include "compiler/lowering/emit/AxisLoops.h"

using namespace mlir;
using namespace mpc;

static constexpr int64_t vectorLanes = 8;

void AxisLoops::forOutputs(Body body) {
  forTiles([&](Value tile) {
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

void AxisLoops::forRows(llvm::function_ref<void(ArrayRef<Values>)> body) {
  if (plan.together == 1)
    return forOutputs([&](ValueRange kept, int64_t) { body({Values(kept)}); });
  forTiles([&](Value tile) {
    SmallVector<Values> rows;
    for (Value row : plan.rowsOf(k, tile))
      rows.push_back(k.split(row, plan.extents(plan.kept)));
    body(rows);
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

AxisLoops::Values AxisLoops::foldRow(ValueRange kept, Init init, Step step,
                                     Join join) {
  Shape outer = plan.extents(plan.reduced);
  int64_t length = plan.rowLength(), whole = length / vectorLanes * vectorLanes;
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

AxisLoops::Values AxisLoops::fold(ValueRange kept, int64_t lanes, Init init,
                                  Step step, Join join) {
  if (k.team.size > 1)
    return k.joinTeam(foldByThread(kept, init, step, join), join);
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
  if (k.team.size > 1)
    return forShares(kept, body);
  Shape outer = plan.extents(plan.reduced);
  int64_t length = plan.byColumns() ? 1 : plan.rowLength();
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
