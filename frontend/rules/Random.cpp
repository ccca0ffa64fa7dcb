#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"

using namespace mlir;

namespace mpc::frontend {

// The second result of a node that drops nothing.
static void setFullMask(NodeImport &node, Value input) {
  if (!node.isRead(1))
    return;
  // Before version 10 the mask has the input's type.
  Type element =
      node.since >= 10 ? Type(node.builder.getI1Type()) : elementTypeOf(input);
  auto type = RankedTensorType::get(shapeOf(input), element);
  mlir::Attribute one =
      isa<FloatType>(element)
          ? mlir::Attribute(node.builder.getFloatAttr(element, 1))
          : mlir::Attribute(node.builder.getBoolAttr(true));
  node.setResult(1, ConstantOp::create(node.builder, node.loc,
                                       DenseElementsAttr::get(type, one)));
}

// Whether the file asks for elements to be dropped: from version 12 on by an
// operand. Before that files do not say it, and an export for inference leaves
// the node out, so it is taken for training.
static std::optional<bool> isTraining(NodeImport &node) {
  if (node.since < 12)
    return true;
  if (!node.has(2))
    return false;
  std::optional<double> mode = knownNumber(node, 2);
  if (!mode)
    (void)node.unsupported("its training mode is not known at compile time",
                           "export the model with a constant one");
  return mode ? std::optional(*mode != 0) : std::nullopt;
}

// Dropout does nothing when a model is evaluated: the training form stands in
// the training step alone.
LogicalResult importDropout(NodeImport &node) {
  Value input = node.operand(0);
  std::optional<bool> training = isTraining(node);
  auto ratio = readNumber(node, "ratio", 1, 12, 0.5);
  if (!input || !training || !ratio)
    return failure();
  if (!(*ratio >= 0 && *ratio < 1))
    return node.invalid("has ratio " + Twine(std::to_string(*ratio)) +
                        "; expected at least 0 and less than 1");
  if (!*training || *ratio == 0 ||
      (node.since < 12 && node.getOptions().evaluateOnly)) {
    if (*ratio != 0)
      node.report("evaluation form, so it is removed");
    setFullMask(node, input);
    node.forward();
    return success();
  }
  if (node.getOptions().evaluateOnly)
    return node.unsupported("drops elements at random in evaluation",
                            "export the model in evaluation mode");
  if (node.isRead(1))
    return node.unsupported("its mask is read by the model",
                            "export the model without it");
  if (!isa<FloatType>(elementTypeOf(input)))
    return node.invalid("its operand is no tensor of floats");
  auto dropout =
      DropoutOp::create(node.builder, node.loc, input, node.counter(),
                        static_cast<float>(*ratio), node.seed());
  node.setResult(0, dropout.getOutput());
  return success();
}

} // namespace mpc::frontend
