#include "frontend/rules/FlatIndices.h"

using namespace mlir;

namespace mpc::frontend {

LogicalResult FlatIndices::check(ArrayRef<int64_t> data) {
  if (failed(checkShape(node, data)))
    return failure();
  for (int64_t extent : data)
    if (failed(checkTable(node, extent)))
      return failure();
  return success();
}

void FlatIndices::add(Value term) {
  sum = sum ? Value(AddOp::create(node.builder, node.loc, sum, term)) : term;
}

// 0, stride, 2 * stride, ...
static SmallVector<int64_t> multiples(int64_t count, int64_t stride) {
  SmallVector<int64_t> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(i * stride);
  return values;
}

// Looked up in a table, because that is how gather treats negative indices.
void FlatIndices::addIndices(Value indices, int64_t extent, int64_t stride) {
  if (elementCount(shape) == 0)
    return add(filled(node, node.builder.getI64Type(), shape, 0));
  Value table = indexConstant(node, multiples(extent, stride), {extent});
  add(GatherOp::create(node.builder, node.loc, table, indices, 0));
}

void FlatIndices::addPositions(int64_t d, int64_t stride) {
  if (shape[d] < 2 || elementCount(shape) == 0)
    return;
  Shape line(shape.size() - d, 1);
  line[0] = shape[d];
  add(indexConstant(node, multiples(shape[d], stride), line));
}

SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * std::max<int64_t>(shape[d], 1);
  return strides;
}

} // namespace mpc::frontend
