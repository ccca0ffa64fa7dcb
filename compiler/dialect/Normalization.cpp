#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

// batch_norm-b1: `vectors` are [C] for an input [N, C, ...].
static LogicalResult verifyChannels(Operation *op, Value input,
                                    ValueRange vectors) {
  ArrayRef<int64_t> shape = shapeOf(input);
  if (shape.size() < 2)
    return op->emitOpError("needs an input [N, C, ...], but it is ")
           << input.getType();
  for (Value vector : vectors)
    if (shapeOf(vector) != shape.slice(1, 1))
      return op->emitOpError("needs vectors of ")
             << shape[1] << " channels, but one is " << vector.getType();
  return success();
}

// batch_norm-b2
static LogicalResult verifySameShape(Operation *op, Value a, Value b) {
  if (shapeOf(a) == shapeOf(b))
    return success();
  return op->emitOpError("changes the shape from ")
         << a.getType() << " to " << b.getType();
}

// Only the first operand whose shape is the data's may be narrow.
static SlotKind channelSlot(Value value) {
  return shapeOf(value).size() == 1 ? SlotKind::Statistic : SlotKind::Data;
}

void BatchNormalizationOp::build(OpBuilder &builder, OperationState &state,
                                 Value input, Value scale, Value bias,
                                 Value runningMean, Value runningVar,
                                 float epsilon, float momentum) {
  Type vector = scale.getType();
  build(builder, state, input.getType(), vector, vector, vector, vector, input,
        scale, bias, runningMean, runningVar, builder.getF32FloatAttr(epsilon),
        builder.getF32FloatAttr(momentum));
}

LogicalResult BatchNormalizationOp::verify() {
  if (failed(verifyChannels(*this, getInput(), getOperands().drop_front())) ||
      failed(verifyChannels(*this, getInput(), getResults().drop_front())))
    return failure();
  return verifySameShape(*this, getInput(), getOutput());
}

SlotKind BatchNormalizationOp::getSlotKind(OpOperand &operand) {
  return channelSlot(operand.get());
}
SlotKind BatchNormalizationOp::getResultKind(OpResult result) {
  return channelSlot(result);
}

SmallVector<std::pair<unsigned, unsigned>>
BatchNormalizationOp::getStateUpdates() {
  return {{3, 1}, {4, 2}};
}

void BatchNormalizationOp::replaceByEvaluationForm(RewriterBase &rewriter) {
  rewriter.setInsertionPoint(*this);
  auto inference = BatchNormalizationInferenceOp::create(
      rewriter, getLoc(), getOutput().getType(), getInput(), getScale(),
      getBias(), getRunningMean(), getRunningVar(), getEpsilonAttr(),
      getNodeAttr(), getOpTypeAttr(), getDirectionAttr(), getPrecisionAttr());
  rewriter.replaceAllUsesWith(getOutput(), inference.getOutput());
  rewriter.eraseOp(*this);
}

LogicalResult BatchNormalizationInferenceOp::verify() {
  if (failed(verifyChannels(*this, getInput(), getOperands().drop_front())))
    return failure();
  return verifySameShape(*this, getInput(), getOutput());
}

SlotKind BatchNormalizationInferenceOp::getSlotKind(OpOperand &operand) {
  return channelSlot(operand.get());
}
SlotKind BatchNormalizationInferenceOp::getResultKind(OpResult result) {
  return channelSlot(result);
}

// batch_norm_grad-b1
LogicalResult BatchNormalizationGradOp::verify() {
  if (failed(verifyChannels(*this, getInput(), getOperands().drop_front(2))) ||
      failed(verifyChannels(*this, getInput(), getResults().drop_front())) ||
      failed(verifySameShape(*this, getInput(), getInputGradient())))
    return failure();
  return verifySameShape(*this, getInput(), getGradient());
}

SlotKind BatchNormalizationGradOp::getSlotKind(OpOperand &operand) {
  return channelSlot(operand.get());
}
SlotKind BatchNormalizationGradOp::getResultKind(OpResult result) {
  return channelSlot(result);
}
