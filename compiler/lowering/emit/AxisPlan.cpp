#include "compiler/lowering/emit/AxisPlan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cstdlib>

using namespace mlir;
using namespace mpc;

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

int64_t AxisPlan::rowLength() const {
  bool isLast = !reduced.empty() && reduced.back() == int64_t(shape.size()) - 1;
  return isLast ? shape.back() : 1;
}

int64_t AxisPlan::columnsPerTile() const {
  return std::min<int64_t>(columns(), grain.columns);
}

int64_t AxisPlan::columnTiles() const {
  return (columns() + columnsPerTile() - 1) / columnsPerTile();
}

int64_t AxisPlan::rowsPerTile() const {
  int64_t each = length() * columnsPerTile();
  return std::clamp<int64_t>(grain.reads / std::max<int64_t>(each, 1), 1,
                             std::max<int64_t>(rows(), 1));
}

int64_t AxisPlan::tiles() const {
  if (together > 1) {
    auto [whole, left] = std::div(rows(), apart * together);
    return whole * apart + std::min(left, apart);
  }
  return (rows() + rowsPerTile() - 1) / rowsPerTile() * columnTiles();
}

SmallVector<Value> AxisPlan::rowsOf(TileKernel &k, Value tile) const {
  assert(rowsPerTile() == 1 && !byColumns());
  if (together == 1)
    return {tile};
  auto [group, place] = k.divide(tile, apart);
  Value first = arith::AddIOp::create(k.b, k.loc,
                                      k.times(group, apart * together), place);
  SmallVector<Value> all = {first};
  for (int64_t i = 1; i < together; ++i) {
    Value row = arith::AddIOp::create(k.b, k.loc, first, k.index(i * apart));
    Value isThere = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                          row, k.index(rows()));
    all.push_back(arith::SelectOp::create(k.b, k.loc, isThere, row, first));
  }
  return all;
}

TeamShape AxisPlan::team() const {
  if (!byColumns())
    return teamForRow(length());
  // A warp is at 32 columns; more rows than that are shared by several.
  constexpr int64_t side = 32, rowsOfOne = 16;
  if (length() <= rowsOfOne)
    return {};
  int64_t size = llvm::PowerOf2Ceil(llvm::divideCeil(length(), rowsOfOne));
  return {.size = std::min<int64_t>(size, side), .columns = side};
}
