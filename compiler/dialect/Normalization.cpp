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

//===-- Rows --------------------------------------------------------------===//

// layer_norm-n1 and its like: `axis` is a dimension of `input`.
static LogicalResult verifyAxis(Operation *op, Value input, int64_t axis) {
  if (axis >= 0 && axis < int64_t(shapeOf(input).size()))
    return success();
  return op->emitOpError("has axis ")
         << axis << ", which is not a dimension of " << input.getType();
}

// layer_norm-n2 and its like: `vectors` that are there have the shape of a row.
static LogicalResult verifyRows(Operation *op, Value input, int64_t axis,
                                ArrayRef<Value> vectors) {
  ArrayRef<int64_t> row = shapeOf(input).drop_front(size_t(axis));
  for (Value vector : vectors)
    if (vector && shapeOf(vector) != row)
      return op->emitOpError("needs vectors of a row's shape [")
             << row << "], but one is " << vector.getType();
  return success();
}

static Shape statisticShape(ArrayRef<int64_t> input, int64_t axis) {
  Shape shape(input.take_front(size_t(axis)));
  shape.resize(input.size(), 1);
  return shape;
}

// layer_norm-n3 and its like: one element of each of `statistics` per row.
static LogicalResult verifyStatistics(Operation *op, Value input, int64_t axis,
                                      ArrayRef<Value> statistics) {
  Shape expected = statisticShape(shapeOf(input), axis);
  for (Value statistic : statistics)
    if (shapeOf(statistic) != ArrayRef<int64_t>(expected))
      return op->emitOpError("needs statistics of shape [")
             << ArrayRef<int64_t>(expected) << "], but one is "
             << statistic.getType();
  return success();
}

// Data is what the op normalises or its gradient; all else is a statistic.
static SlotKind dataIf(bool isData) {
  return isData ? SlotKind::Data : SlotKind::Statistic;
}

static RankedTensorType f32Type(Builder &builder, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, builder.getF32Type());
}

void LayerNormalizationOp::build(OpBuilder &builder, OperationState &state,
                                 Value input, Value scale, Value bias,
                                 int64_t axis, float epsilon) {
  Type statistic = f32Type(builder, statisticShape(shapeOf(input), axis));
  build(builder, state, input.getType(), statistic, statistic, input, scale,
        bias, builder.getI64IntegerAttr(axis),
        builder.getF32FloatAttr(epsilon));
}

LogicalResult LayerNormalizationOp::verify() {
  Value x = getInput();
  int64_t axis = int64_t(getAxis());
  if (failed(verifyAxis(*this, x, axis)) ||
      failed(verifyRows(*this, x, axis, {getScale(), getBias()})) ||
      failed(verifySameShape(*this, x, getOutput())))
    return failure();
  return verifyStatistics(*this, x, axis, {getMean(), getInvStd()});
}

SlotKind LayerNormalizationOp::getSlotKind(OpOperand &operand) {
  return dataIf(operand.getOperandNumber() == 0);
}
SlotKind LayerNormalizationOp::getResultKind(OpResult result) {
  return dataIf(result.getResultNumber() == 0);
}

void LayerNormalizationGradOp::build(OpBuilder &builder, OperationState &state,
                                     Value gradient, Value input, Value scale,
                                     Value mean, Value invStd, int64_t axis) {
  Type row = f32Type(builder, shapeOf(input).drop_front(size_t(axis)));
  build(builder, state, input.getType(), row, row, gradient, input, scale, mean,
        invStd, builder.getI64IntegerAttr(axis));
}

LogicalResult LayerNormalizationGradOp::verify() {
  Value x = getInput();
  int64_t axis = int64_t(getAxis());
  if (failed(verifyAxis(*this, x, axis)) ||
      failed(verifyRows(*this, x, axis,
                        {getScale(), getScaleGradient(), getBiasGradient()})) ||
      failed(verifySameShape(*this, x, getGradient())) ||
      failed(verifySameShape(*this, x, getInputGradient())))
    return failure();
  return verifyStatistics(*this, x, axis, {getMean(), getInvStd()});
}

SlotKind LayerNormalizationGradOp::getSlotKind(OpOperand &operand) {
  return dataIf(operand.getOperandNumber() < 2);
}
SlotKind LayerNormalizationGradOp::getResultKind(OpResult result) {
  return dataIf(result.getResultNumber() == 0);
}

void RmsNormalizationOp::build(OpBuilder &builder, OperationState &state,
                               Value input, Value scale, int64_t axis,
                               float epsilon) {
  Type statistic = f32Type(builder, statisticShape(shapeOf(input), axis));
  build(builder, state, input.getType(), statistic, input, scale,
        builder.getI64IntegerAttr(axis), builder.getF32FloatAttr(epsilon));
}

LogicalResult RmsNormalizationOp::verify() {
  Value x = getInput();
  int64_t axis = int64_t(getAxis());
  if (failed(verifyAxis(*this, x, axis)) ||
      failed(verifyRows(*this, x, axis, {getScale()})) ||
      failed(verifySameShape(*this, x, getOutput())))
    return failure();
  return verifyStatistics(*this, x, axis, {getInvRms()});
}

SlotKind RmsNormalizationOp::getSlotKind(OpOperand &operand) {
  return dataIf(operand.getOperandNumber() == 0);
}
SlotKind RmsNormalizationOp::getResultKind(OpResult result) {
  return dataIf(result.getResultNumber() == 0);
}

void RmsNormalizationGradOp::build(OpBuilder &builder, OperationState &state,
                                   Value gradient, Value input, Value scale,
                                   Value invRms, int64_t axis) {
  Type row = f32Type(builder, shapeOf(input).drop_front(size_t(axis)));
  build(builder, state, input.getType(), row, gradient, input, scale, invRms,
        builder.getI64IntegerAttr(axis));
}

LogicalResult RmsNormalizationGradOp::verify() {
  Value x = getInput();
  int64_t axis = int64_t(getAxis());
  if (failed(verifyAxis(*this, x, axis)) ||
      failed(verifyRows(*this, x, axis, {getScale(), getScaleGradient()})) ||
      failed(verifySameShape(*this, x, getGradient())) ||
      failed(verifySameShape(*this, x, getInputGradient())))
    return failure();
  return verifyStatistics(*this, x, axis, {getInvRms()});
}

SlotKind RmsNormalizationGradOp::getSlotKind(OpOperand &operand) {
  return dataIf(operand.getOperandNumber() < 2);
}
SlotKind RmsNormalizationGradOp::getResultKind(OpResult result) {
  return dataIf(result.getResultNumber() == 0);
}

#define GET_OP_CLASSES
#include "compiler/dialect/Normalization.cpp.inc"

void MpcDialect::addNormalizationOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Normalization.cpp.inc"
      >();
}
