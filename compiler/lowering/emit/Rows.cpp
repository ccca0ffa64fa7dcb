#include "compiler/lowering/emit/Rows.h"

using namespace mlir;
using namespace mpc;

Rows::Rows(ArrayRef<int64_t> shape, int64_t tileElements) : shape(shape) {
  columns = shape.empty() ? 1 : shape.back();
  rows = elementCount(shape.empty() ? shape : shape.drop_back());
  columnsPerTile = std::clamp<int64_t>(columns, 1, tileElements);
  rowsPerTile = std::clamp<int64_t>(tileElements / columnsPerTile, 1,
                                    std::max<int64_t>(rows, 1));
}

int64_t Rows::columnTiles() const {
  return (columns + columnsPerTile - 1) / columnsPerTile;
}

int64_t Rows::tiles() const {
  return (rows + rowsPerTile - 1) / rowsPerTile * columnTiles();
}

void mpc::forRows(LoopBuilder &b, const Rows &rows, Value first, Value last,
                  llvm::function_ref<void(ValueRange, Value, Value)> body) {
  if (rows.tiles() == 0)
    return;
  ArrayRef<int64_t> outer = rows.shape;
  if (!outer.empty())
    outer = outer.drop_back();
  b.loop(first, last, 1, [&](Value tile) {
    Value column = b.mul(b.rem(tile, rows.columnTiles()), rows.columnsPerTile);
    Value columnEnd = b.min(b.add(column, rows.columnsPerTile), rows.columns);
    Value row = b.mul(b.div(tile, rows.columnTiles()), rows.rowsPerTile);
    Value rowEnd = b.min(b.add(row, rows.rowsPerTile), rows.rows);
    b.loop(row, rowEnd, 1,
           [&](Value r) { body(indicesOf(b, r, outer), column, columnEnd); });
  });
}

void mpc::forElements(LoopBuilder &b, const Rows &rows, Value first, Value last,
                      int64_t lanes,
                      llvm::function_ref<void(ValueRange, int64_t)> body) {
  if (rows.columns < lanes)
    lanes = 1;
  forRows(b, rows, first, last, [&](ValueRange outer, Value begin, Value end) {
    if (rows.shape.empty())
      return body({}, 1);
    b.lanes(b.sub(end, begin), lanes, [&](Value i, int64_t count) {
      SmallVector<Value> at(outer);
      at.push_back(b.add(begin, i));
      body(at, count);
    });
  });
}

SmallVector<int64_t> mpc::resultTiles(KernelOp kernel) {
  return {
      Rows(shapeOf(kernel.getRootOp()->getResult(0)), grainOf(kernel).elements)
          .tiles()};
}

SmallVector<int64_t> mpc::singleTiles(KernelOp kernel) {
  return {
      Rows(shapeOf(kernel.getRootOp()->getResult(0)), grainOf(kernel).singles)
          .tiles()};
}

Value mpc::numberOf(LoopBuilder &b, Type element, double value, int64_t lanes) {
  if (isa<FloatType>(element))
    return b.f32(value, lanes);
  return intConstant(b, b.getLoc(), element, static_cast<int64_t>(value),
                     lanes);
}

Value mpc::rowOf(TileKernel &k, LoopBuilder &b, Value indices, ValueRange at,
                 int64_t rows) {
  Value given = arith::IndexCastOp::create(b, b.getIndexType(),
                                           elementOf(k, b, indices, at));
  Value row = b.select(b.less(given, b.index(0)), b.add(given, rows), given);
  return b.min(b.max(row, 0), rows - 1);
}

SmallVector<Value> mpc::indicesOf(LoopBuilder &b, Value position,
                                  ArrayRef<int64_t> shape) {
  SmallVector<Value> indices(shape.size());
  for (size_t d = shape.size(); d-- > 1;) {
    indices[d] = b.rem(position, shape[d]);
    position = b.div(position, shape[d]);
  }
  if (!shape.empty())
    indices[0] = position;
  return indices;
}
