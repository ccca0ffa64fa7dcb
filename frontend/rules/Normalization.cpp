#include "frontend/OpTable.h"
#include "frontend/rules/Decomposition.h"

using namespace mlir;

namespace mpc::frontend {

// Whether the file says inference: from version 14 on by an attribute, before
// by the number of outputs.
static bool isInference(NodeImport &node) {
  if (node.since >= 14)
    return node.intAttribute("training_mode", 0) == 0;
  return node.node.outputs.size() == 1;
}

namespace {
struct BatchNorm {
  Value input; ///< [N, C, ...]
  Value scale, bias, mean, variance;
  float epsilon = 0, momentum = 0;
};
} // namespace

// A vector of samples has one channel.
static LogicalResult readInput(NodeImport &node, BatchNorm &norm) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  if (shape.empty() || !isa<FloatType>(elementTypeOf(input)))
    return node.invalid("its input " + shapeText(shape) +
                        " is not [N, C, ...] of floats");
  norm.input = input;
  if (shape.size() == 1)
    norm.input = Decomposition(node).reshape(input, {shape[0], 1});
  return success();
}

static LogicalResult readVectors(NodeImport &node, BatchNorm &norm,
                                 bool inference) {
  int64_t channels = shapeOf(norm.input)[1];
  constexpr SlotUse::Kind kinds[] = {SlotUse::Kind::Scale, SlotUse::Kind::Bias,
                                     SlotUse::Kind::Mean,
                                     SlotUse::Kind::Variance};
  Value *slots[] = {&norm.scale, &norm.bias, &norm.mean, &norm.variance};
  for (auto [index, kind] : llvm::enumerate(kinds)) {
    Value vector =
        node.operand(index + 1, SlotUse{kind, 0, inference}, {channels});
    if (!vector)
      return failure();
    // Narrow vectors are those of a model that is only evaluated.
    if (shapeOf(vector) != ArrayRef<int64_t>{channels} ||
        !isa<FloatType>(elementTypeOf(vector)))
      return node.invalid("operand " + Twine(index + 1) + " is " +
                          shapeText(shapeOf(vector)) + "; expected " +
                          Twine(channels) + " floats");
    *slots[index] = Decomposition(node).cast(vector, node.builder.getF32Type());
  }
  norm.epsilon = static_cast<float>(node.floatAttribute("epsilon", 1e-5));
  norm.momentum = static_cast<float>(node.floatAttribute("momentum", 0.9));
  return success();
}

static Value createInference(NodeImport &node, const BatchNorm &norm) {
  const ImportOptions &options = node.getOptions();
  if (!options.trainBatchNorm && !options.evaluateOnly)
    node.warnOnce("the model has BatchNormalization in inference form: a step "
                  "normalises by the running statistics and leaves them as "
                  "they are; compile with --train-batchnorm to use and update "
                  "those of each batch");
  auto op = BatchNormalizationInferenceOp::create(
      node.builder, node.loc, norm.input.getType(), norm.input, norm.scale,
      norm.bias, norm.mean, norm.variance,
      node.builder.getF32FloatAttr(norm.epsilon));
  // What mpc-train-batchnorm needs to know of the node.
  op->setAttr("mpc.momentum", node.builder.getF32FloatAttr(norm.momentum));
  return op.getOutput();
}

// What the training form computes, for a model that is never trained and reads
// the statistics that it gives. Returns y.
static Value decompose(NodeImport &node, const BatchNorm &norm) {
  Decomposition build(node);
  auto rank = static_cast<int64_t>(shapeOf(norm.input).size());
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(2, rank));
  axes.insert(axes.begin(), 0);
  Value x = build.cast(norm.input, node.builder.getF32Type());
  Value mean = build.mean(x, axes, /*keepDims=*/false);
  Value centered = build.sub(x, build.perChannel(mean, rank));
  Value variance =
      build.mean(build.mul(centered, centered), axes, /*keepDims=*/false);
  Value deviation =
      build.make<SqrtOp>(build.add(variance, build.number(norm.epsilon, x)));
  Value factor = build.div(norm.scale, deviation);
  Value y = build.add(build.mul(centered, build.perChannel(factor, rank)),
                      build.perChannel(norm.bias, rank));
  auto next = [&](Value running, Value batch) {
    Value kept = build.mul(running, build.number(norm.momentum, x));
    return build.add(kept,
                     build.mul(batch, build.number(1 - norm.momentum, x)));
  };
  node.setResult(1, next(norm.mean, mean));
  node.setResult(2, next(norm.variance, variance));
  return build.cast(y, elementTypeOf(norm.input));
}

// In training form the running statistics are state of the model that a step
// updates.
LogicalResult importBatchNormalization(NodeImport &node) {
  bool inference = isInference(node);
  bool readsStatistics = node.isRead(1) || node.isRead(2);
  if (node.intAttribute("spatial", 1) == 0)
    return node.unsupported("has spatial = 0", "use spatial = 1");
  if (node.isRead(3) || node.isRead(4))
    return node.unsupported("its saved statistics are read by the model",
                            "export the model with a newer opset");
  if (readsStatistics && (!node.getOptions().evaluateOnly || node.since < 14))
    return node.unsupported("its updated running statistics are read by the "
                            "model; they are state that a step updates",
                            "export the model without them");
  BatchNorm norm;
  if (failed(readInput(node, norm)) ||
      failed(readVectors(node, norm, inference)))
    return failure();
  Value output;
  if (readsStatistics)
    output = decompose(node, norm);
  else if (inference)
    output = createInference(node, norm);
  else
    output = BatchNormalizationOp::create(
                 node.builder, node.loc, norm.input, norm.scale, norm.bias,
                 norm.mean, norm.variance, norm.epsilon, norm.momentum)
                 .getOutput();
  node.setResult(0,
                 Decomposition(node).reshape(output, shapeOf(node.operand(0))));
  return success();
}

} // namespace mpc::frontend
