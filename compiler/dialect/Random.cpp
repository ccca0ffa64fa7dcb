#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

// dropout-d1, dropout-d2, dropout_grad-d1, dropout_grad-d2
static LogicalResult verifyDropout(Operation *op, APFloat ratio) {
  Value from = op->getOperand(0), to = op->getResult(0);
  if (shapeOf(from) != shapeOf(to))
    return op->emitOpError("changes the shape from ")
           << from.getType() << " to " << to.getType();
  float number = ratio.convertToFloat();
  if (!(number >= 0 && number < 1))
    return op->emitOpError("has ratio ")
           << number << "; expected at least 0 and less than 1";
  return success();
}

LogicalResult DropoutOp::verify() { return verifyDropout(*this, getRatio()); }
LogicalResult DropoutGradOp::verify() {
  return verifyDropout(*this, getRatio());
}

SmallVector<std::pair<unsigned, unsigned>> DropoutOp::getStateUpdates() {
  return {{1, 1}};
}

void DropoutOp::replaceByEvaluationForm(RewriterBase &rewriter) {
  rewriter.replaceAllUsesWith(getOutput(), getInput());
  rewriter.eraseOp(*this);
}

#define GET_OP_CLASSES
#include "compiler/dialect/Random.cpp.inc"

void MpcDialect::addRandomOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Random.cpp.inc"
      >();
}
