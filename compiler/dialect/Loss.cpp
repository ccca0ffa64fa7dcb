#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

// cross_entropy-x1, x2, x4 and x5
template <typename Op> static LogicalResult verifyLabels(Op op) {
  ArrayRef<int64_t> logits = shapeOf(op.getLogits());
  int64_t axis = op.getClassAxis();
  if (axis < 0 || axis >= static_cast<int64_t>(logits.size()))
    return op.emitOpError("has class_axis ")
           << axis << ", which is not a dimension of "
           << op.getLogits().getType();
  Shape expected = reducedShape(logits, {axis}, /*keepDims=*/false);
  if (shapeOf(op.getLabels()) != ArrayRef<int64_t>(expected))
    return op.emitOpError("needs labels of shape [")
           << ArrayRef<int64_t>(expected) << "], but they are "
           << op.getLabels().getType();
  if (op.getWeights() &&
      shapeOf(op.getWeights()) != ArrayRef<int64_t>{logits[size_t(axis)]})
    return op.emitOpError("needs weights of ")
           << logits[size_t(axis)] << " classes, but they are "
           << op.getWeights().getType();
  float smoothing = op.getLabelSmoothing().convertToFloat();
  if (!(smoothing >= 0 && smoothing < 1))
    return op.emitOpError("has label_smoothing ")
           << smoothing << "; expected at least 0 and less than 1";
  return success();
}

// cross_entropy_grad-x3, cross_entropy_and_grad-x1
template <typename Op> static LogicalResult verifyGradient(Op op) {
  if (failed(verifyLabels(op)))
    return failure();
  if (shapeOf(op.getLogits()) == shapeOf(op.getResult()))
    return success();
  return op.emitOpError("gives the gradient of ")
         << op.getLogits().getType() << ", but the result is "
         << op.getResult().getType();
}

LogicalResult CrossEntropyOp::verify() { return verifyLabels(*this); }
LogicalResult CrossEntropyGradOp::verify() { return verifyGradient(*this); }
LogicalResult CrossEntropyAndGradOp::verify() { return verifyGradient(*this); }

// pointwise_loss-p1
LogicalResult PointwiseLossOp::verify() {
  if (shapeOf(getPrediction()) == shapeOf(getTarget()))
    return success();
  return emitOpError("compares ")
         << getPrediction().getType() << " with " << getTarget().getType();
}

// pointwise_loss_grad-p1
LogicalResult PointwiseLossGradOp::verify() {
  if (shapeOf(getPrediction()) == shapeOf(getTarget()) &&
      shapeOf(getPrediction()) == getType().getShape())
    return success();
  return emitOpError("compares ")
         << getPrediction().getType() << " with " << getTarget().getType()
         << " for a result " << getType();
}

#define GET_OP_CLASSES
#include "compiler/dialect/Loss.cpp.inc"

void MpcDialect::addLossOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Loss.cpp.inc"
      >();
}
