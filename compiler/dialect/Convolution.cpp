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

// conv-c1, conv-c2, conv-c3
static LogicalResult verifyConv(ConvolutionOpInterface op) {
  Value input = op.getConvInput(), weight = op.getConvWeight(),
        output = op.getConvOutput();
  auto shape =
      convShape(shapeOf(input), shapeOf(weight), op.getStrides(), op.getPads(),
                op.getDilations(), int64_t(op.getGroups()));
  auto describe = [&](InFlightDiagnostic &&diag) -> LogicalResult {
    return diag << " (strides [" << op.getStrides() << "], pads ["
                << op.getPads() << "], dilations [" << op.getDilations()
                << "], groups " << op.getGroups() << ")";
  };
  if (!shape)
    return describe(op->emitOpError("weight ")
                    << weight.getType() << " does not fit input "
                    << input.getType());
  if (shapeOf(output) != ArrayRef<int64_t>(*shape))
    return describe(op->emitOpError("convolution of ")
                    << input.getType() << " with " << weight.getType()
                    << " has shape [" << ArrayRef<int64_t>(*shape)
                    << "], not that of " << output.getType());
  return success();
}

LogicalResult ConvOp::verify() {
  if (failed(verifyConv(*this)))
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
LogicalResult ConvInputGradOp::verify() { return verifyConv(*this); }

// conv_weight_grad-c1
LogicalResult ConvWeightGradOp::verify() { return verifyConv(*this); }

// Every element of a filter meets every position of its output channel.
static int64_t multiplyAdds(ConvolutionOpInterface op) {
  ArrayRef<int64_t> weight = shapeOf(op.getConvWeight());
  int64_t filters = std::max<int64_t>(weight.front(), 1);
  return elementCount(shapeOf(op.getConvOutput())) *
         (elementCount(weight) / filters);
}

int64_t ConvOp::getMultiplyAdds() { return multiplyAdds(*this); }

int64_t ConvInputGradOp::getMultiplyAdds() { return multiplyAdds(*this); }

int64_t ConvWeightGradOp::getMultiplyAdds() { return multiplyAdds(*this); }

Value ConvOp::makeAddend(OpBuilder &builder) {
  if (!getBias())
    return {};
  return ReshapeOp::create(builder, getLoc(), getBias(),
                           ArrayRef<int64_t>{getType().getDimSize(1), 1, 1});
}

#define GET_OP_CLASSES
#include "compiler/dialect/Convolution.cpp.inc"

void MpcDialect::addConvolutionOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Convolution.cpp.inc"
      >();
}
