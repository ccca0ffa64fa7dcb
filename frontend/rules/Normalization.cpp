#include "frontend/OpTable.h"

using namespace mlir;

namespace mpc::frontend {

// Whether the file says inference: from version 14 on by an attribute, before
// by the number of outputs.
static bool isInference(NodeImport &node) {
  if (node.since >= 14)
    return node.intAttribute("training_mode", 0) == 0;
  return node.node.outputs.size() == 1;
}

static Value createInference(NodeImport &node, Value input,
                             ArrayRef<Value> vectors, float epsilon,
                             float momentum) {
  const ImportOptions &options = node.getOptions();
  if (!options.trainBatchNorm && !options.evaluateOnly)
    node.warnOnce("the model has BatchNormalization in inference form: a step "
                  "normalises by the running statistics and leaves them as "
                  "they are; compile with --train-batchnorm to use and update "
                  "those of each batch");
  auto norm = BatchNormalizationInferenceOp::create(
      node.builder, node.loc, input.getType(), input, vectors[0], vectors[1],
      vectors[2], vectors[3], node.builder.getF32FloatAttr(epsilon));
  // What mpc-train-batchnorm needs to know of the node.
  norm->setAttr("mpc.momentum", node.builder.getF32FloatAttr(momentum));
  return norm.getOutput();
}

// In training form the running statistics are state of the model that a step
// updates.
LogicalResult importBatchNormalization(NodeImport &node) {
  if (node.intAttribute("spatial", 1) == 0)
    return node.unsupported("has spatial = 0", "use spatial = 1");
  if (node.isRead(1) || node.isRead(2))
    return node.unsupported("its updated running statistics are read by the "
                            "model; they are state that a step updates",
                            "export the model without them");
  if (node.wants(3) || node.wants(4))
    return node.unsupported("has saved statistics as outputs",
                            "export the model with a newer opset");
  Value input = node.operand(0);
  if (!input)
    return failure();
  if (shapeOf(input).size() < 2 || !isa<FloatType>(elementTypeOf(input)))
    return node.invalid("its input " + shapeText(shapeOf(input)) +
                        " is not [N, C, ...] of floats");
  int64_t channels = shapeOf(input)[1];
  bool inference = isInference(node);
  constexpr SlotUse::Kind kinds[] = {SlotUse::Kind::Scale, SlotUse::Kind::Bias,
                                     SlotUse::Kind::Mean,
                                     SlotUse::Kind::Variance};
  SmallVector<Value> vectors;
  for (auto [index, kind] : llvm::enumerate(kinds)) {
    Value vector =
        node.operand(index + 1, SlotUse{kind, 0, inference}, {channels});
    if (!vector)
      return failure();
    if (shapeOf(vector) != ArrayRef<int64_t>{channels} ||
        !elementTypeOf(vector).isF32())
      return node.invalid("operand " + Twine(index + 1) + " is " +
                          shapeText(shapeOf(vector)) + "; expected " +
                          Twine(channels) + " elements of F32");
    vectors.push_back(vector);
  }
  auto epsilon = static_cast<float>(node.floatAttribute("epsilon", 1e-5));
  auto momentum = static_cast<float>(node.floatAttribute("momentum", 0.9));
  if (inference) {
    node.setResult(0, createInference(node, input, vectors, epsilon, momentum));
    return success();
  }
  auto norm = BatchNormalizationOp::create(node.builder, node.loc, input,
                                           vectors[0], vectors[1], vectors[2],
                                           vectors[3], epsilon, momentum);
  node.setResult(0, norm.getOutput());
  node.setResult(1, norm.getNextMean());
  node.setResult(2, norm.getNextVar());
  return success();
}

} // namespace mpc::frontend
