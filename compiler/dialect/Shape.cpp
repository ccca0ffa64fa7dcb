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

// slice-s1, slice-s2, pad-p1, pad-p2: starts and steps pick one element of
// `whole` for each of `part`.
template <typename Op>
static LogicalResult verifyStrided(Op op, RankedTensorType whole,
                                   RankedTensorType part) {
  size_t rank = size_t(whole.getRank());
  ArrayRef<int64_t> starts = op.getStarts(), steps = op.getSteps();
  auto refuse = [&]() -> LogicalResult {
    return op.emitOpError("cannot place ")
           << part << " in " << whole << " with starts [" << starts
           << "] and steps [" << steps << "]";
  };
  if (size_t(part.getRank()) != rank || starts.size() != rank ||
      steps.size() != rank || llvm::is_contained(steps, 0))
    return refuse();
  for (size_t d = 0; d < rank; ++d) {
    int64_t count = part.getDimSize(unsigned(d));
    int64_t size = whole.getDimSize(unsigned(d));
    int64_t last = starts[d] + (count - 1) * steps[d];
    if (count > 0 &&
        (starts[d] < 0 || starts[d] >= size || last < 0 || last >= size))
      return refuse();
  }
  return verifySameElementType(op);
}

LogicalResult SliceOp::verify() {
  return verifyStrided(*this, getInput().getType(), getType());
}

LogicalResult PadOp::verify() {
  return verifyStrided(*this, getType(), getInput().getType());
}

void ConcatOp::build(OpBuilder &builder, OperationState &state,
                     ValueRange inputs, int64_t axis) {
  Shape shape(shapeOf(inputs.front()));
  for (Value input : inputs.drop_front())
    shape[size_t(axis)] += shapeOf(input)[size_t(axis)];
  build(builder, state, typeLike(inputs.front(), shape), inputs,
        builder.getI64IntegerAttr(axis));
}

LogicalResult ConcatOp::verify() {
  // concat-c1
  int64_t axis = int64_t(getAxis());
  if (getInputs().empty() || axis < 0 || axis >= getType().getRank())
    return emitOpError("joins ")
           << getInputs().size() << " operands along axis " << axis << " of "
           << getType();
  // concat-c2
  int64_t total = 0;
  for (Value input : getInputs()) {
    Shape shape(shapeOf(input));
    bool sameRank = int64_t(shape.size()) == getType().getRank();
    if (sameRank) {
      total += shape[size_t(axis)];
      shape[size_t(axis)] = getType().getDimSize(unsigned(axis));
    }
    if (!sameRank || typeLike(input, shape) != getType())
      return emitOpError("cannot join ") << input.getType() << " along axis "
                                         << axis << " to " << getType();
  }
  if (total != getType().getDimSize(unsigned(axis)))
    return emitOpError("joins ") << total << " elements along axis " << axis
                                 << ", but the result is " << getType();
  return success();
}

LogicalResult BroadcastOp::verify() {
  // broadcast-e1
  if (!broadcastsTo(shapeOf(getInput()), shapeOf(getResult())))
    return emitOpError("cannot broadcast ")
           << getInput().getType() << " to " << getType();
  // broadcast-e2
  return verifySameElementType(*this);
}

#define GET_OP_CLASSES
#include "compiler/dialect/Shape.cpp.inc"

void MpcDialect::addShapeOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Shape.cpp.inc"
      >();
}
