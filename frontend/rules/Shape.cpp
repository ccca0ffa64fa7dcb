#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"

using namespace mlir;

namespace mpc::frontend {

static LogicalResult reshapeTo(NodeImport &node, Value input,
                               ArrayRef<int64_t> shape) {
  if (elementCount(shapeOf(input)) != elementCount(shape))
    return node.invalid("cannot turn " + shapeText(shapeOf(input)) + " into " +
                            shapeText(shape),
                        "check the shape, and the extents given by --shape");
  node.setResult(0, ReshapeOp::create(node.builder, node.loc, input, shape));
  return success();
}

LogicalResult importFlatten(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  auto rank = static_cast<int64_t>(shape.size());
  int64_t axis = node.intAttribute("axis", 1);
  if (axis < -rank || axis > rank)
    return node.invalid("axis " + Twine(axis) + " is outside rank " +
                        Twine(rank));
  if (axis < 0)
    axis += rank;
  return reshapeTo(node, input,
                   {elementCount(shape.take_front(axis)),
                    elementCount(shape.drop_front(axis))});
}

LogicalResult importReshape(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  const IntTensor *wanted = node.ints(1);
  if (!wanted)
    return node.unsupported("its shape is not known at compile time",
                            "export the model with a constant shape");
  ArrayRef<int64_t> from = shapeOf(input);
  SmallVector<int64_t> shape(ArrayRef<int64_t>(wanted->values));
  bool allowZero = node.intAttribute("allowzero", 0) != 0;
  int64_t known = 1;
  int64_t *open = nullptr;
  for (auto [index, extent] : llvm::enumerate(shape)) {
    if (extent == 0 && !allowZero) {
      if (index >= from.size())
        return node.invalid("shape " + shapeText(shape) + " copies extent " +
                            Twine(index) + " of " + shapeText(from));
      extent = from[index];
    }
    if (extent < -1 || (extent == -1 && open))
      return node.invalid("shape " + shapeText(shape) +
                          " is no shape with at most one -1");
    if (extent == -1)
      open = &extent;
    else if (__builtin_mul_overflow(known, extent, &known))
      return node.invalid("shape " + shapeText(shape) + " is too large");
  }
  if (open) {
    int64_t total = elementCount(from);
    if (known == 0 || total % known != 0)
      return node.invalid("cannot turn " + shapeText(from) +
                              " into a shape with " + Twine(known) +
                              " elements per open extent",
                          "check the shape, and the extents given by --shape");
    *open = total / known;
  }
  return reshapeTo(node, input, shape);
}

LogicalResult importSqueeze(NodeImport &node) {
  Value input = node.operand(0);
  auto axes = readAxes(node);
  if (!input || !axes)
    return failure();
  ArrayRef<int64_t> from = shapeOf(input);
  if (failed(normaliseAxes(node, from.size(), *axes)))
    return failure();
  bool all = axes->empty();
  SmallVector<int64_t> shape;
  for (auto [index, extent] : llvm::enumerate(from)) {
    bool named = llvm::is_contained(*axes, static_cast<int64_t>(index));
    if (named && extent != 1)
      return node.invalid("squeezes axis " + Twine(index) + " of " +
                          shapeText(from));
    if (all ? extent != 1 : !named)
      shape.push_back(extent);
  }
  return reshapeTo(node, input, shape);
}

LogicalResult importUnsqueeze(NodeImport &node) {
  Value input = node.operand(0);
  auto axes = readAxes(node);
  if (!input || !axes)
    return failure();
  SmallVector<int64_t> shape(shapeOf(input));
  if (failed(normaliseAxes(node, shape.size() + axes->size(), *axes)))
    return failure();
  for (int64_t axis : *axes)
    shape.insert(shape.begin() + axis, 1);
  return reshapeTo(node, input, shape);
}

LogicalResult importTranspose(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  auto rank = static_cast<int64_t>(shapeOf(input).size());
  SmallVector<int64_t> perm = node.intsAttribute(
      "perm", llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, rank))));
  SmallVector<int64_t> sorted = perm;
  llvm::sort(sorted);
  if (sorted != llvm::to_vector(llvm::seq<int64_t>(0, rank)))
    return node.invalid("perm [" + shapeText(perm) +
                        "] is no permutation of rank " + Twine(rank));
  node.setResult(0, TransposeOp::create(node.builder, node.loc, input, perm));
  return success();
}

} // namespace mpc::frontend
