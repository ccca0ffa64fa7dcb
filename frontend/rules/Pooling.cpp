#include "frontend/rules/Pooling.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace mpc::frontend {

std::optional<Window> readPool(NodeImport &node, Value input) {
  if (!input)
    return std::nullopt;
  auto window = readWindow(node, shapeOf(input), {});
  if (!window)
    return std::nullopt;
  for (size_t i = 0; i < window->pads.size(); ++i)
    if (window->pads[i] >= window->reach(i % window->rank())) {
      (void)node.invalid("pads " + shapeText(window->pads) +
                         " are not less than the kernel " +
                         shapeText(window->kernel));
      return std::nullopt;
    }
  ArrayRef<int64_t> spatial = shapeOf(input).drop_front(2);
  if (!outputExtents(*window, spatial, /*ceil=*/false)) {
    (void)node.invalid("kernel " + shapeText(window->kernel) +
                       " does not fit input " + shapeText(spatial));
    return std::nullopt;
  }
  return window;
}

Value poolPlanes(NodeImport &node, Value input, const Window &window,
                 llvm::function_ref<Value(Value, const Window &)> pool) {
  ArrayRef<int64_t> shape = shapeOf(input);
  if (window.rank() < 3) {
    Value pooled = pool(node.reshaped(input, inPlane(shape)), inPlane(window));
    Shape result(shapeOf(pooled));
    if (window.rank() == 1)
      result.erase(result.begin() + 2);
    return node.reshaped(pooled, result);
  }
  int64_t images = shape[0], channels = shape[1], depth = shape[2];
  Value planes =
      pool(node.reshaped(input, {images, channels * depth, shape[3], shape[4]}),
           window.part(1, 2));
  int64_t rows = shapeOf(planes)[2], columns = shapeOf(planes)[3];
  // Depth becomes the rows, and the elements of a plane the columns.
  Window along = inPlane(window.part(0, 1));
  for (auto *numbers : {&along.kernel, &along.strides, &along.dilations})
    std::swap((*numbers)[0], (*numbers)[1]);
  along.pads = {window.pads[0], 0, window.pads[3], 0};
  Value pooled = pool(
      node.reshaped(planes, {images, channels, depth, rows * columns}), along);
  return node.reshaped(pooled,
                       {images, channels, shapeOf(pooled)[2], rows, columns});
}

// `storage_order` says how indices count, so it says nothing here.
LogicalResult importMaxPool(NodeImport &node) {
  if (node.wants(1))
    return node.unsupported("has its indices as a second output",
                            "export the model without it");
  Value input = readPlanes(node);
  auto window = readPool(node, input);
  if (!window)
    return failure();
  bool ceil = node.intAttribute("ceil_mode", 0) != 0;
  auto pool = [&](Value planes, const Window &plane) -> Value {
    return MaxPoolOp::create(node.builder, node.loc, planes, plane.kernel,
                             plane.strides, plane.pads, plane.dilations, ceil);
  };
  node.setResult(0, poolPlanes(node, input, *window, pool));
  return success();
}

LogicalResult importAveragePool(NodeImport &node) {
  Value input = readPlanes(node);
  auto window = readPool(node, input);
  if (!window)
    return failure();
  bool ceil = node.intAttribute("ceil_mode", 0) != 0;
  bool countPads = node.intAttribute("count_include_pad", 0) != 0;
  auto pool = [&](Value planes, const Window &plane) -> Value {
    return AveragePoolOp::create(node.builder, node.loc, planes, plane.kernel,
                                 plane.strides, plane.pads, plane.dilations,
                                 countPads, ceil);
  };
  node.setResult(0, poolPlanes(node, input, *window, pool));
  return success();
}

// One window over all spatial dimensions, which are one if there are not two.
static LogicalResult
importGlobalPool(NodeImport &node,
                 llvm::function_ref<Value(Value, ArrayRef<int64_t>)> pool) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  if (shape.size() < 3)
    return node.invalid("its input " + shapeText(shape) +
                        " is not [N, C, ...] with spatial dimensions");
  if (!isa<FloatType>(elementTypeOf(input)))
    return node.unsupported("pools integers", "use floats");
  if (llvm::is_contained(shape.drop_front(2), 0))
    return node.invalid("pools planes of " + shapeText(shape.drop_front(2)) +
                        ", which have no elements");
  Shape planes(shape), result(shape.size(), 1);
  if (planes.size() != 4)
    planes = {shape[0], shape[1], 1, elementCount(shape.drop_front(2))};
  result[0] = shape[0];
  result[1] = shape[1];
  Value pooled = pool(node.reshaped(input, planes),
                      ArrayRef<int64_t>(planes).drop_front(2));
  node.setResult(0, node.reshaped(pooled, result));
  return success();
}

LogicalResult importGlobalAveragePool(NodeImport &node) {
  return importGlobalPool(
      node, [&](Value planes, ArrayRef<int64_t> kernel) -> Value {
        return AveragePoolOp::create(node.builder, node.loc, planes, kernel,
                                     {1, 1}, {0, 0, 0, 0}, {1, 1},
                                     /*countIncludePad=*/false);
      });
}

LogicalResult importGlobalMaxPool(NodeImport &node) {
  return importGlobalPool(
      node, [&](Value planes, ArrayRef<int64_t> kernel) -> Value {
        return MaxPoolOp::create(node.builder, node.loc, planes, kernel, {1, 1},
                                 {0, 0, 0, 0}, {1, 1});
      });
}

} // namespace mpc::frontend
