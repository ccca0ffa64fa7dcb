#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

// update-u1
static LogicalResult verifySameShapes(Operation *op, ValueRange values) {
  for (Value value : values)
    if (shapeOf(value) != shapeOf(values.front()))
      return op->emitOpError("updates ")
             << values.front().getType() << " with a value of type "
             << value.getType();
  return success();
}

LogicalResult SgdOp::verify() {
  // sgd-s1
  bool moment = getMoment() != nullptr;
  if (moment != (getMomentum() != nullptr) ||
      moment != (getNextMoment() != nullptr))
    return emitOpError("needs moment, momentum and the next moment together");
  if (getNesterov() && !moment)
    return emitOpError("has nesterov but no moment");
  SmallVector<Value> values{getParameter(), getGradient(), getNextParameter()};
  if (moment)
    values.append({getMoment(), getNextMoment()});
  return verifySameShapes(*this, values);
}

LogicalResult AdamOp::verify() {
  SmallVector<Value> values(getOperands().take_front(4));
  llvm::append_range(values, getResults());
  return verifySameShapes(*this, values);
}

#define GET_OP_CLASSES
#include "compiler/dialect/Optimizer.cpp.inc"

void MpcDialect::addOptimizerOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Optimizer.cpp.inc"
      >();
}
