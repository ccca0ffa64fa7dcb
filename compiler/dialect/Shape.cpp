#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

static LogicalResult verifySameElementType(Operation *op) {
  if (elementTypeOf(op->getOperand(0)) == elementTypeOf(op->getResult(0)))
    return success();
  return op->emitOpError("changes the element type from ")
         << elementTypeOf(op->getOperand(0)) << " to "
         << elementTypeOf(op->getResult(0));
}

LogicalResult ReshapeOp::verify() {
  // reshape-r1
  if (elementCount(shapeOf(getInput())) != elementCount(shapeOf(getResult())))
    return emitOpError("changes the number of elements from ")
           << getInput().getType() << " to " << getType();
  // reshape-r2
  return verifySameElementType(*this);
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? getInput() : Value();
}

void TransposeOp::build(OpBuilder &builder, OperationState &state, Value input,
                        ArrayRef<int64_t> perm) {
  Shape shape;
  for (int64_t dim : perm)
    shape.push_back(shapeOf(input)[dim]);
  build(builder, state, typeLike(input, shape), input,
        builder.getDenseI64ArrayAttr(perm));
}

LogicalResult TransposeOp::verify() {
  ArrayRef<int64_t> from = shapeOf(getInput()), to = shapeOf(getResult());
  // transpose-t1
  SmallVector<int64_t> sorted(getPerm());
  llvm::sort(sorted);
  if (sorted.size() != from.size() ||
      llvm::any_of(llvm::enumerate(sorted), [](auto item) {
        return item.value() != static_cast<int64_t>(item.index());
      }))
    return emitOpError("has perm [")
           << getPerm() << "], which is not a permutation of " << from.size()
           << " dimensions";
  // transpose-t2
  bool permuted = to.size() == from.size();
  for (size_t i = 0; permuted && i < to.size(); ++i)
    permuted = to[i] == from[getPerm()[i]];
  if (!permuted)
    return emitOpError("permutes ")
           << getInput().getType() << " by [" << getPerm()
           << "] but the result is " << getType();
  return verifySameElementType(*this);
}

LogicalResult BroadcastOp::verify() {
  // broadcast-e1
  if (!broadcastsTo(shapeOf(getInput()), shapeOf(getResult())))
    return emitOpError("cannot broadcast ")
           << getInput().getType() << " to " << getType();
  // broadcast-e2
  return verifySameElementType(*this);
}
