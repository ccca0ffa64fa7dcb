// Losses that are part of the model.
#include "frontend/OpTable.h"
#include "frontend/rules/Decomposition.h"

using namespace mlir;

namespace mpc::frontend {

namespace {
/// A loss per label of scores [N, C, ...] with labels [N, ...].
class LabelLoss {
public:
  explicit LabelLoss(NodeImport &node) : node(node), build(node) {}

  /// Reads operands and attributes; fails with a problem.
  LogicalResult read();

  bool isMean() const { return reduction == "mean"; }
  Value crossEntropy();
  Value logSoftmax() { return build.make<LogSoftmaxOp>(scores, int64_t(1)); }
  /// The loss from scores that are logarithms of probabilities.
  Value fromLogarithms(Value logarithms);
  Value getScores() const { return scores; }

private:
  Value pick(Value hit, Value perClass);

  NodeImport &node;
  Decomposition build;
  Value scores, labels, weights;
  std::string reduction;
  /// No class, unless the node has one to ignore.
  int64_t ignored = INT64_MIN;
};
} // namespace

LogicalResult LabelLoss::read() {
  scores = node.operand(0);
  labels = node.operand(1);
  if (!scores || !labels)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(scores);
  if (shape.size() < 2 || !isa<FloatType>(elementTypeOf(scores)))
    return node.invalid("its scores " + shapeText(shape) +
                        " are not [N, C, ...] of floats");
  Shape samples = reducedShape(shape, {1}, /*keepDims=*/false);
  if (shapeOf(labels) != ArrayRef<int64_t>(samples) ||
      !isa<IntegerType>(elementTypeOf(labels)))
    return node.invalid("its labels are " + shapeText(shapeOf(labels)) +
                        "; expected integers of " + shapeText(samples));
  Type i64 = node.builder.getI64Type();
  if (elementTypeOf(labels) != i64)
    labels = build.make<ConvertOp>(RankedTensorType::get(samples, i64), labels);
  if (node.has(2)) {
    weights = node.operand(2);
    if (!weights)
      return failure();
    if (shapeOf(weights) != ArrayRef<int64_t>{shape[1]} ||
        !isa<FloatType>(elementTypeOf(weights)))
      return node.invalid("its weights are " + shapeText(shapeOf(weights)) +
                          "; expected " + Twine(shape[1]) + " floats");
    weights = build.cast(weights, node.builder.getF32Type());
  }
  if (node.hasAttribute("ignore_index"))
    ignored = node.intAttribute("ignore_index", 0);
  reduction = node.textAttribute("reduction", "mean");
  if (reduction == "mean" || reduction == "sum" || reduction == "none")
    return success();
  return node.invalid("attribute 'reduction' is '" + reduction +
                      "'; expected none, sum or mean");
}

Value LabelLoss::crossEntropy() {
  OpBuilder &b = node.builder;
  Value loss = build.make<CrossEntropyOp>(
      RankedTensorType::get({}, b.getF32Type()), scores, labels, weights,
      b.getI64IntegerAttr(1), b.getI64IntegerAttr(ignored),
      b.getF32FloatAttr(0));
  return build.cast(loss, elementTypeOf(scores));
}

// The element of each label, 0 where `hit` has none.
Value LabelLoss::pick(Value hit, Value perClass) {
  Value chosen = build.select(hit, perClass, build.number(0, perClass));
  return build.sum(chosen, 1, /*keepDims=*/false);
}

Value LabelLoss::fromLogarithms(Value logarithms) {
  ArrayRef<int64_t> shape = shapeOf(scores);
  auto rank = static_cast<int64_t>(shape.size());
  Shape kept = reducedShape(shape, {1}, /*keepDims=*/true);
  Type i64 = node.builder.getI64Type();
  // A label to ignore is none of the classes.
  Value counted = labels;
  if (ignored >= 0 && ignored < shape[1]) {
    Value isIgnored = build.make<CompareOp>(
        ComparePredicate::Equal, labels, build.number(double(ignored), labels));
    counted = build.select(isIgnored, build.number(-1, labels), labels);
  }
  Value classes = build.perChannel(build.count({shape[1]}, i64), rank);
  Value hit = build.make<CompareOp>(ComparePredicate::Equal,
                                    build.reshape(counted, kept), classes);
  Value loss = pick(hit, build.make<NegOp>(logarithms));
  Value ones = build.number(1, logarithms);
  Value weight = weights ? build.perChannel(weights, rank) : Value();
  Value weightOfLabel;
  if (weights || isMean())
    weightOfLabel = pick(hit, weights ? weight : ones);
  if (weights)
    loss = build.mul(loss, weightOfLabel);
  if (reduction == "none")
    return loss;
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, rank - 1));
  Value total = build.sum(loss, all, /*keepDims=*/false);
  if (!isMean())
    return total;
  return build.div(total, build.sum(weightOfLabel, all, /*keepDims=*/false));
}

LogicalResult importSoftmaxCrossEntropyLoss(NodeImport &node) {
  LabelLoss loss(node);
  if (failed(loss.read()))
    return failure();
  Value logarithms;
  if (node.isRead(1) || !loss.isMean())
    logarithms = loss.logSoftmax();
  if (loss.isMean())
    node.setResult(0, loss.crossEntropy());
  else
    node.setResult(0, loss.fromLogarithms(logarithms));
  if (logarithms)
    node.setResult(1, logarithms);
  return success();
}

LogicalResult importNegativeLogLikelihoodLoss(NodeImport &node) {
  LabelLoss loss(node);
  if (failed(loss.read()))
    return failure();
  node.setResult(0, loss.fromLogarithms(loss.getScores()));
  return success();
}

} // namespace mpc::frontend
