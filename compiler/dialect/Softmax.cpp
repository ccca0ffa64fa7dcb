#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

// softmax-s1, softmax-s2, softmax_grad-s1, softmax_grad-s2
template <typename Op> static LogicalResult verifyAlongAxis(Op op) {
  RankedTensorType type = op.getType();
  int64_t axis = int64_t(op.getAxis());
  if (axis < 0 || axis >= type.getRank())
    return op.emitOpError("has axis ")
           << axis << ", which is not a dimension of " << type;
  for (Value operand : op->getOperands())
    if (shapeOf(operand) != type.getShape())
      return op.emitOpError("changes the shape from ")
             << operand.getType() << " to " << type;
  return success();
}

LogicalResult SoftmaxOp::verify() { return verifyAlongAxis(*this); }
LogicalResult LogSoftmaxOp::verify() { return verifyAlongAxis(*this); }
LogicalResult SoftmaxGradOp::verify() { return verifyAlongAxis(*this); }
LogicalResult LogSoftmaxGradOp::verify() { return verifyAlongAxis(*this); }

#define GET_OP_CLASSES
#include "compiler/dialect/Softmax.cpp.inc"

void MpcDialect::addSoftmaxOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Softmax.cpp.inc"
      >();
}
