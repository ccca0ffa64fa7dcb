#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

// cross_entropy-x1, cross_entropy-x2
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
  return success();
}

LogicalResult CrossEntropyOp::verify() { return verifyLabels(*this); }

LogicalResult CrossEntropyGradOp::verify() {
  if (failed(verifyLabels(*this)))
    return failure();
  // cross_entropy_grad-x3
  if (shapeOf(getLogits()) != getType().getShape())
    return emitOpError("gives the gradient of ")
           << getLogits().getType() << ", but the result is " << getType();
  return success();
}

// mse-m1
LogicalResult MseOp::verify() {
  if (shapeOf(getPrediction()) == shapeOf(getTarget()))
    return success();
  return emitOpError("compares ")
         << getPrediction().getType() << " with " << getTarget().getType();
}

// mse_grad-m1
LogicalResult MseGradOp::verify() {
  if (shapeOf(getPrediction()) == shapeOf(getTarget()) &&
      shapeOf(getPrediction()) == getType().getShape())
    return success();
  return emitOpError("compares ")
         << getPrediction().getType() << " with " << getTarget().getType()
         << " for a result " << getType();
}
