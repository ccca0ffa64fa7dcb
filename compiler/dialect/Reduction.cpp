#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

template <typename Op> static LogicalResult verifyReduce(Op op) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  int64_t previous = -1;
  for (int64_t axis : op.getAxes()) {
    // reduce-r1
    if (axis <= previous || axis >= static_cast<int64_t>(shape.size()))
      return op.emitOpError("has axes [")
             << op.getAxes() << "]; expected sorted, distinct dimensions of "
             << op.getInput().getType();
    previous = axis;
  }
  // reduce-r2
  Shape expected = reducedShape(shape, op.getAxes(), op.getKeepDims());
  if (op.getType().getShape() != ArrayRef<int64_t>(expected))
    return op.emitOpError("reduces ")
           << op.getInput().getType() << " to " << op.getType()
           << "; expected shape [" << ArrayRef<int64_t>(expected) << "]";
  // reduce-r3
  Type from = elementTypeOf(op.getInput()), to = elementTypeOf(op.getResult());
  if (from != to && !(isa<FloatType>(from) && isa<FloatType>(to)))
    return op.emitOpError("changes the element type from ")
           << from << " to " << to;
  return success();
}

LogicalResult ReduceSumOp::verify() { return verifyReduce(*this); }
LogicalResult ReduceMeanOp::verify() { return verifyReduce(*this); }
LogicalResult ReduceMaxOp::verify() { return verifyReduce(*this); }
LogicalResult ReduceMinOp::verify() { return verifyReduce(*this); }
LogicalResult ReduceProdOp::verify() { return verifyReduce(*this); }

#define GET_OP_CLASSES
#include "compiler/dialect/Reduction.cpp.inc"

void MpcDialect::addReductionOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Reduction.cpp.inc"
      >();
}
