#include "frontend/OpTable.h"
#include "frontend/rules/Windows.h"

using namespace mlir;

namespace mpc::frontend {

// With ceil_mode a last, incomplete window would be added where the stride does
// not divide the rest.
static bool ceilDiffers(ArrayRef<int64_t> input, const Window &window) {
  for (size_t i = 0; i < 2; ++i) {
    int64_t rest =
        input[2 + i] + window.pads[i] + window.pads[i + 2] - window.kernel[i];
    if (rest % window.strides[i] != 0)
      return true;
  }
  return false;
}

static std::optional<Window> readPool(NodeImport &node, Value input) {
  if (!input)
    return std::nullopt;
  auto window = readWindow(node, shapeOf(input), {});
  if (!window)
    return std::nullopt;
  if (window->dilations != ArrayRef<int64_t>{1, 1}) {
    (void)node.unsupported("has dilations " + shapeText(window->dilations),
                           "use dilations of 1");
    return std::nullopt;
  }
  for (size_t i = 0; i < 4; ++i)
    if (window->pads[i] >= window->kernel[i % 2]) {
      (void)node.invalid("pads " + shapeText(window->pads) +
                         " are not less than the kernel " +
                         shapeText(window->kernel));
      return std::nullopt;
    }
  if (!poolShape(shapeOf(input), window->kernel, window->strides, window->pads,
                 window->dilations, /*ceil=*/false)) {
    (void)node.invalid("kernel " + shapeText(window->kernel) +
                       " does not fit input " +
                       shapeText(shapeOf(input).drop_front(2)));
    return std::nullopt;
  }
  if (node.intAttribute("ceil_mode", 0) != 0 &&
      ceilDiffers(shapeOf(input), *window)) {
    (void)node.unsupported("rounds its output extents up (ceil_mode)",
                           "use ceil_mode = 0, or extents that divide");
    return std::nullopt;
  }
  return window;
}

LogicalResult importMaxPool(NodeImport &node) {
  if (node.wants(1))
    return node.unsupported("has its indices as a second output",
                            "export the model without it");
  Value input = node.operand(0);
  auto window = readPool(node, input);
  if (!window)
    return failure();
  node.setResult(0, MaxPoolOp::create(node.builder, node.loc, input,
                                      window->kernel, window->strides,
                                      window->pads, window->dilations));
  return success();
}

LogicalResult importAveragePool(NodeImport &node) {
  Value input = node.operand(0);
  auto window = readPool(node, input);
  if (!window)
    return failure();
  bool countPads = node.intAttribute("count_include_pad", 0) != 0;
  node.setResult(0, AveragePoolOp::create(node.builder, node.loc, input,
                                          window->kernel, window->strides,
                                          window->pads, window->dilations,
                                          countPads));
  return success();
}

LogicalResult importGlobalAveragePool(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  if (shape.size() != 4)
    return node.unsupported("its input " + shapeText(shape) +
                                " is not [N, C, H, W]",
                            "use the 2-D form");
  node.setResult(0, AveragePoolOp::create(node.builder, node.loc, input,
                                          shape.drop_front(2), {1, 1},
                                          {0, 0, 0, 0}, {1, 1},
                                          /*countIncludePad=*/false));
  return success();
}

} // namespace mpc::frontend
