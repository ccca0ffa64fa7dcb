#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

void ReduceSumOp::build(OpBuilder &builder, OperationState &state, Value input,
                        ArrayRef<int64_t> axes, bool keepDims) {
  Shape shape = reducedShape(shapeOf(input), axes, keepDims);
  build(builder, state, typeLike(input, shape), input,
        builder.getDenseI64ArrayAttr(axes),
        keepDims ? builder.getUnitAttr() : UnitAttr());
}

LogicalResult ReduceSumOp::verify() {
  ArrayRef<int64_t> shape = shapeOf(getInput());
  int64_t previous = -1;
  for (int64_t axis : getAxes()) {
    // reduce-r1
    if (axis <= previous || axis >= static_cast<int64_t>(shape.size()))
      return emitOpError("has axes [")
             << getAxes() << "]; expected sorted, distinct dimensions of "
             << getInput().getType();
    previous = axis;
  }
  // reduce-r2
  Shape expected = reducedShape(shape, getAxes(), getKeepDims());
  if (getType().getShape() != ArrayRef<int64_t>(expected))
    return emitOpError("reduces ")
           << getInput().getType() << " to " << getType()
           << "; expected shape [" << ArrayRef<int64_t>(expected) << "]";
  return success();
}
