#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

void ConvOp::build(OpBuilder &builder, OperationState &state, Value input,
                   Value weight, Value bias, ArrayRef<int64_t> strides,
                   ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations,
                   int64_t groups) {
  auto shape = convShape(shapeOf(input), shapeOf(weight), strides, pads,
                         dilations, groups);
  build(builder, state, typeLike(input, *shape), input, weight, bias,
        builder.getDenseI64ArrayAttr(strides),
        builder.getDenseI64ArrayAttr(pads),
        builder.getDenseI64ArrayAttr(dilations),
        builder.getI64IntegerAttr(groups));
}

// conv-c1, conv-c2, conv-c3: `output` is what conv makes of input and weight.
template <typename Op>
static LogicalResult verifyConv(Op op, RankedTensorType input,
                                RankedTensorType weight,
                                RankedTensorType output) {
  auto shape =
      convShape(input.getShape(), weight.getShape(), op.getStrides(),
                op.getPads(), op.getDilations(), int64_t(op.getGroups()));
  auto describe = [&](InFlightDiagnostic &&diag) -> LogicalResult {
    return diag << " (strides [" << op.getStrides() << "], pads ["
                << op.getPads() << "], dilations [" << op.getDilations()
                << "], groups " << op.getGroups() << ")";
  };
  if (!shape)
    return describe(op.emitOpError("weight ")
                    << weight << " does not fit input " << input);
  if (output.getShape() != ArrayRef<int64_t>(*shape))
    return describe(op.emitOpError("convolution of ")
                    << input << " with " << weight << " has shape ["
                    << ArrayRef<int64_t>(*shape) << "], not that of "
                    << output);
  return success();
}

LogicalResult ConvOp::verify() {
  if (failed(verifyConv(*this, getInput().getType(), getWeight().getType(),
                        getType())))
    return failure();
  // conv-c4
  if (getBias() &&
      shapeOf(getBias()) != ArrayRef<int64_t>{getType().getDimSize(1)})
    return emitOpError("needs a bias of ")
           << getType().getDimSize(1) << " elements, but it is "
           << getBias().getType();
  return success();
}

// conv_input_grad-c1
LogicalResult ConvInputGradOp::verify() {
  return verifyConv(*this, getType(), getWeight().getType(),
                    getGradient().getType());
}

// conv_weight_grad-c1
LogicalResult ConvWeightGradOp::verify() {
  return verifyConv(*this, getInput().getType(), getType(),
                    getGradient().getType());
}

// Every element of a filter meets every position of its output channel.
static int64_t convolved(Value positions, Value filter) {
  int64_t channels = std::max<int64_t>(shapeOf(filter).front(), 1);
  return elementCount(shapeOf(positions)) *
         (elementCount(shapeOf(filter)) / channels);
}

int64_t ConvOp::getMultiplyAdds() {
  return convolved(getResult(), getWeight());
}

int64_t ConvInputGradOp::getMultiplyAdds() {
  return convolved(getGradient(), getWeight());
}

int64_t ConvWeightGradOp::getMultiplyAdds() {
  return convolved(getGradient(), getResult());
}

#define GET_OP_CLASSES
#include "compiler/dialect/Convolution.cpp.inc"

void MpcDialect::addConvolutionOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Convolution.cpp.inc"
      >();
}
