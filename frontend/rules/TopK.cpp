#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/FlatIndices.h"

using namespace mlir;

namespace mpc::frontend {

// The elements of `input` that stand at `positions` along `axis`.
static Value elementsAt(NodeImport &node, Value input, Value positions,
                        int64_t axis) {
  ArrayRef<int64_t> shape = shapeOf(input);
  FlatIndices flat(node, shapeOf(positions));
  if (failed(flat.check(shape)))
    return nullptr;
  SmallVector<int64_t> strides = rowMajorStrides(shape);
  flat.addIndices(positions, shape[axis], strides[axis]);
  for (auto [d, stride] : llvm::enumerate(strides))
    if (static_cast<int64_t>(d) != axis)
      flat.addPositions(static_cast<int64_t>(d), stride);
  Value all = reshaped(node, input, {elementCount(shape)});
  return GatherOp::create(node.builder, node.loc, all, flat.get(), 0);
}

// The values are gathered, so that their gradient is gather's. `sorted` is not
// asked: without it any order is right.
LogicalResult importTopK(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  auto axis = readAxis(node, static_cast<int64_t>(shape.size()), -1);
  std::optional<double> given = node.since < 10
                                    ? node.intAttribute("k", -1)
                                    : readNumber(node, "k", 1, 10, -1);
  if (!axis || !given)
    return failure();
  auto k = static_cast<int64_t>(*given);
  if (k < 0 || k > shape[*axis])
    return node.invalid("takes " + Twine(k) + " elements from axis " +
                        Twine(*axis) + " of " + shapeText(shape));
  Value positions = TopKOp::create(node.builder, node.loc, input, *axis, k,
                                   node.intAttribute("largest", 1) == 0);
  ArrayRef<int64_t> result = shapeOf(positions);
  Value values = elementCount(result) == 0
                     ? filled(node, elementTypeOf(input), result, 0)
                     : elementsAt(node, input, positions, *axis);
  if (!values)
    return failure();
  node.setResult(0, values);
  node.setResult(1, positions);
  return success();
}

} // namespace mpc::frontend
