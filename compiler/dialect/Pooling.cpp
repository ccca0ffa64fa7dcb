#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

void MaxPoolOp::build(OpBuilder &builder, OperationState &state, Value input,
                      ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                      ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations,
                      bool ceil) {
  auto shape =
      poolShape(shapeOf(input), kernel, strides, pads, dilations, ceil);
  build(builder, state, typeLike(input, *shape), input,
        builder.getDenseI64ArrayAttr(kernel),
        builder.getDenseI64ArrayAttr(strides),
        builder.getDenseI64ArrayAttr(pads),
        builder.getDenseI64ArrayAttr(dilations));
}

void AveragePoolOp::build(OpBuilder &builder, OperationState &state,
                          Value input, ArrayRef<int64_t> kernel,
                          ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                          ArrayRef<int64_t> dilations, bool countIncludePad,
                          bool ceil) {
  auto shape =
      poolShape(shapeOf(input), kernel, strides, pads, dilations, ceil);
  build(builder, state, typeLike(input, *shape), input,
        builder.getDenseI64ArrayAttr(kernel),
        builder.getDenseI64ArrayAttr(strides),
        builder.getDenseI64ArrayAttr(pads),
        builder.getDenseI64ArrayAttr(dilations),
        countIncludePad ? builder.getUnitAttr() : UnitAttr());
}

// pool-p1, pool-p2: `output` is what pooling makes of `input`, rounded down or
// up.
template <typename Op>
static LogicalResult verifyPool(Op op, RankedTensorType input,
                                RankedTensorType output) {
  auto shape = [&](bool ceil) {
    return poolShape(input.getShape(), op.getKernel(), op.getStrides(),
                     op.getPads(), op.getDilations(), ceil);
  };
  auto describe = [&](InFlightDiagnostic &&diag) -> LogicalResult {
    return diag << " (kernel [" << op.getKernel() << "], strides ["
                << op.getStrides() << "], pads [" << op.getPads()
                << "], dilations [" << op.getDilations() << "])";
  };
  auto down = shape(false), up = shape(true);
  if (!down)
    return describe(op.emitOpError("window does not fit input ") << input);
  if (output.getShape() != ArrayRef<int64_t>(*down) &&
      output.getShape() != ArrayRef<int64_t>(*up))
    return describe(op.emitOpError("pooling of ")
                    << input << " has shape [" << ArrayRef<int64_t>(*down)
                    << "], not that of " << output);
  return success();
}

LogicalResult MaxPoolOp::verify() {
  return verifyPool(*this, getInput().getType(), getType());
}

LogicalResult AveragePoolOp::verify() {
  return verifyPool(*this, getInput().getType(), getType());
}

// max_pool_grad-p1
LogicalResult MaxPoolGradOp::verify() {
  if (shapeOf(getInput()) != getType().getShape())
    return emitOpError("gives the gradient of ")
           << getInput().getType() << ", but the result is " << getType();
  return verifyPool(*this, getInput().getType(), getGradient().getType());
}

// average_pool_grad-p1
LogicalResult AveragePoolGradOp::verify() {
  return verifyPool(*this, getType(), getGradient().getType());
}

#define GET_OP_CLASSES
#include "compiler/dialect/Pooling.cpp.inc"

void MpcDialect::addPoolingOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Pooling.cpp.inc"
      >();
}
