#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

// gather-g1, gather_grad-g1, arg_reduce-a1, cum_sum-c1, top_k-t1
static LogicalResult verifyAxis(Operation *op, int64_t axis, Type type) {
  auto shape = cast<RankedTensorType>(type).getShape();
  if (axis >= 0 && axis < int64_t(shape.size()))
    return success();
  return op->emitOpError("has axis ")
         << axis << ", which is not a dimension of " << type;
}

static LogicalResult verifyNotEmpty(Operation *op, int64_t axis, Type type) {
  if (failed(verifyAxis(op, axis, type)))
    return failure();
  if (cast<RankedTensorType>(type).getDimSize(unsigned(axis)) > 0)
    return success();
  return op->emitOpError("picks from axis ")
         << axis << " of " << type << ", which is empty";
}

// The shape of data[..., indices, ...].
static Shape gatherShape(ArrayRef<int64_t> data, ArrayRef<int64_t> indices,
                         int64_t axis) {
  Shape shape(data.take_front(size_t(axis)));
  llvm::append_range(shape, indices);
  llvm::append_range(shape, data.drop_front(size_t(axis) + 1));
  return shape;
}

void GatherOp::build(OpBuilder &builder, OperationState &state, Value data,
                     Value indices, int64_t axis) {
  Shape shape = gatherShape(shapeOf(data), shapeOf(indices), axis);
  build(builder, state, typeLike(data, shape), data, indices,
        builder.getI64IntegerAttr(axis));
}

// gather-g2, gather_grad-g2
static LogicalResult verifyGathered(Operation *op, Value data, Value indices,
                                    int64_t axis, Value gathered) {
  Shape expected = gatherShape(shapeOf(data), shapeOf(indices), axis);
  if (shapeOf(gathered) == ArrayRef<int64_t>(expected))
    return success();
  return op->emitOpError("takes ")
         << indices.getType() << " from axis " << axis << " of "
         << data.getType() << ", which has shape ["
         << ArrayRef<int64_t>(expected) << "], not that of "
         << gathered.getType();
}

LogicalResult GatherOp::verify() {
  int64_t axis = int64_t(getAxis());
  if (failed(verifyNotEmpty(*this, axis, getData().getType())) ||
      failed(verifyGathered(*this, getData(), getIndices(), axis, getResult())))
    return failure();
  if (elementTypeOf(getData()) != elementTypeOf(getResult()))
    return emitOpError("changes the element type from ")
           << elementTypeOf(getData()) << " to " << elementTypeOf(getResult());
  return success();
}

LogicalResult GatherGradOp::verify() {
  int64_t axis = int64_t(getAxis());
  if (failed(verifyAxis(*this, axis, getType())))
    return failure();
  return verifyGathered(*this, getResult(), getIndices(), axis, getGradient());
}

// row_lists-l1, sum_rows-s1
static LogicalResult verifyNext(Operation *op, Value indices, Value next) {
  if (shapeOf(next)[0] == elementCount(shapeOf(indices)))
    return success();
  return op->emitOpError("lists the positions in ")
         << indices.getType() << " in " << next.getType();
}

LogicalResult RowListsOp::verify() {
  // row_lists-l2
  if (shapeOf(getFirst())[0] == 0 && elementCount(shapeOf(getIndices())) > 0)
    return emitOpError("has indices ")
           << getIndices().getType() << ", but no row that they could mean";
  return verifyNext(*this, getIndices(), getNext());
}

LogicalResult SumRowsOp::verify() {
  if (failed(verifyNext(*this, getIndices(), getNext())))
    return failure();
  // sum_rows-s2
  Shape result(getType().getShape());
  bool fits =
      !result.empty() && result[0] == shapeOf(getNext())[0] &&
      shapeOf(getGradient()) ==
          ArrayRef<int64_t>(gatherShape(result, shapeOf(getIndices()), 0));
  if (!fits)
    return emitOpError("sums rows of ")
           << getGradient().getType() << " for " << getIndices().getType()
           << " into " << getType();
  return success();
}

static Shape expandedShape(Value rows, Value first) {
  Shape shape(shapeOf(rows));
  if (!shape.empty())
    shape[0] = shapeOf(first)[0];
  return shape;
}

void ExpandRowsOp::build(OpBuilder &builder, OperationState &state, Value rows,
                         Value first) {
  build(builder, state, typeLike(rows, expandedShape(rows, first)), rows,
        first);
}

LogicalResult ExpandRowsOp::verify() {
  // expand_rows-e2
  ArrayRef<int64_t> rows = shapeOf(getRows());
  if (rows.empty() || rows[0] == 0)
    return emitOpError("expands ")
           << getRows().getType() << ", which has no row";
  // expand_rows-e1
  if (getType() != typeLike(getRows(), expandedShape(getRows(), getFirst())))
    return emitOpError("expands ")
           << getRows().getType() << " by " << getFirst().getType() << " to "
           << getType();
  return success();
}

LogicalResult ScatterOp::verify() {
  // scatter-s1
  if (getData().getType() != getType())
    return emitOpError("turns ")
           << getData().getType() << " into " << getType();
  // scatter-s2
  ArrayRef<int64_t> data = shapeOf(getData()), indices = shapeOf(getIndices());
  Shape expected(indices);
  if (!data.empty())
    llvm::append_range(expected, data.drop_front());
  if (data.empty() || indices.size() != 1 ||
      getUpdates().getType() != typeLike(getData(), expected))
    return emitOpError("cannot put updates ")
           << getUpdates().getType() << " at " << getIndices().getType()
           << " into rows of " << getData().getType();
  return success();
}

void ArgReduceOp::build(OpBuilder &builder, OperationState &state, Value input,
                        int64_t axis, bool smallest, bool last) {
  Shape shape = reducedShape(shapeOf(input), {axis}, /*keepDims=*/false);
  build(builder, state, RankedTensorType::get(shape, builder.getI64Type()),
        input, builder.getI64IntegerAttr(axis),
        smallest ? builder.getUnitAttr() : UnitAttr(),
        last ? builder.getUnitAttr() : UnitAttr());
}

LogicalResult ArgReduceOp::verify() {
  int64_t axis = int64_t(getAxis());
  if (failed(verifyNotEmpty(*this, axis, getInput().getType())))
    return failure();
  // arg_reduce-a2
  Shape expected = reducedShape(shapeOf(getInput()), {axis}, false);
  if (getType().getShape() != ArrayRef<int64_t>(expected))
    return emitOpError("reduces ")
           << getInput().getType() << " to " << getType()
           << "; expected shape [" << ArrayRef<int64_t>(expected) << "]";
  return success();
}

LogicalResult CumSumOp::verify() {
  if (failed(verifyAxis(*this, int64_t(getAxis()), getInput().getType())))
    return failure();
  // cum_sum-c2
  Type from = elementTypeOf(getInput()), to = elementTypeOf(getResult());
  bool fits = from == to || (isa<FloatType>(from) && isa<FloatType>(to));
  if (shapeOf(getInput()) != getType().getShape() || !fits)
    return emitOpError("turns ")
           << getInput().getType() << " into " << getType();
  return success();
}

void TopKOp::build(OpBuilder &builder, OperationState &state, Value input,
                   int64_t axis, int64_t k, bool smallest) {
  Shape shape(shapeOf(input));
  shape[size_t(axis)] = k;
  build(builder, state, RankedTensorType::get(shape, builder.getI64Type()),
        input, builder.getI64IntegerAttr(axis),
        smallest ? builder.getUnitAttr() : UnitAttr());
}

LogicalResult TopKOp::verify() {
  int64_t axis = int64_t(getAxis());
  if (failed(verifyAxis(*this, axis, getInput().getType())))
    return failure();
  // top_k-t2
  Shape input(shapeOf(getInput())), result(getType().getShape());
  bool fits = input.size() == result.size() &&
              result[size_t(axis)] <= input[size_t(axis)];
  if (fits)
    result[size_t(axis)] = input[size_t(axis)];
  if (!fits || input != result)
    return emitOpError("takes ") << getType() << " from axis " << axis << " of "
                                 << getInput().getType();
  return success();
}

#define GET_OP_CLASSES
#include "compiler/dialect/Indexing.cpp.inc"

void MpcDialect::addIndexingOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Indexing.cpp.inc"
      >();
}
