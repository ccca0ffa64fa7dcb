#include "frontend/OpTable.h"
#include "frontend/rules/Windows.h"

using namespace mlir;

namespace mpc::frontend {

LogicalResult importConv(NodeImport &node) {
  if (int64_t group = node.intAttribute("group", 1); group != 1)
    return node.unsupported("has " + Twine(group) + " groups",
                            "use group = 1; grouped convolutions cannot be "
                            "imported");
  Value input = node.operand(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  SmallVector<int64_t> weightShape = node.operandShape(1);
  if (shape.size() != 4 || weightShape.size() != 4)
    return node.unsupported("convolves " + shapeText(shape) + " with " +
                                shapeText(weightShape),
                            "use [N, C, H, W] with [F, C, KH, KW]; only 2-D "
                            "convolutions can be imported");
  auto window =
      readWindow(node, shape, ArrayRef<int64_t>(weightShape).drop_front(2));
  if (!window)
    return failure();
  int64_t fanIn = shape[1] * window->kernel[0] * window->kernel[1];
  Value weight = node.operand(
      1, SlotUse{SlotUse::Kind::Weight, fanIn},
      {unknownSize, shape[1], window->kernel[0], window->kernel[1]});
  if (!weight)
    return failure();
  if (shapeOf(weight).drop_front(2) != ArrayRef<int64_t>(window->kernel))
    return node.invalid("kernel " + shapeText(window->kernel) +
                        " does not fit its weight " +
                        shapeText(shapeOf(weight)));
  if (!convShape(shape, shapeOf(weight), window->strides, window->pads,
                 window->dilations, /*groups=*/1))
    return node.invalid("weight " + shapeText(shapeOf(weight)) +
                        " does not fit input " + shapeText(shape));
  int64_t filters = shapeOf(weight)[0];
  Value bias;
  if (node.has(2)) {
    bias = node.operand(2, SlotUse{SlotUse::Kind::Bias}, {filters});
    if (!bias)
      return failure();
    if (shapeOf(bias) != ArrayRef<int64_t>{filters})
      return node.invalid("its bias is " + shapeText(shapeOf(bias)) +
                          "; expected " + Twine(filters));
  }
  node.setResult(0, ConvOp::create(node.builder, node.loc, input, weight, bias,
                                   window->strides, window->pads,
                                   window->dilations));
  return success();
}

} // namespace mpc::frontend
