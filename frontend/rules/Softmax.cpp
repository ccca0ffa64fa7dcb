#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/Decomposition.h"

using namespace mlir;

namespace mpc::frontend {

// What is built along an axis of a float tensor.
using Build = Value (*)(Decomposition &build, Value input, int64_t axis);

// Until version 13 the axis cuts the operand into a matrix whose rows are
// normalised.
static LogicalResult importAlongAxis(NodeImport &node, Build build) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  if (!isa<FloatType>(elementTypeOf(input)))
    return node.invalid("its operand is no tensor of floats");
  ArrayRef<int64_t> shape = shapeOf(input);
  auto rank = static_cast<int64_t>(shape.size());
  bool flattens = node.since < 13;
  // Axis 0 of a scalar is all there is.
  auto axis = readAxis(node, std::max<int64_t>(rank, 1), flattens ? 1 : -1);
  if (!axis)
    return failure();
  Decomposition decomposition(node);
  if (!flattens && rank > 0) {
    node.setResult(0, build(decomposition, input, *axis));
    return success();
  }
  Shape matrix = {elementCount(shape.take_front(*axis)),
                  elementCount(shape.drop_front(*axis))};
  if (rank == 0)
    matrix = {1, 1};
  Value rows = decomposition.reshape(input, matrix);
  node.setResult(0,
                 decomposition.reshape(build(decomposition, rows, 1), shape));
  return success();
}

template <typename Op>
static Value normalise(Decomposition &build, Value input, int64_t axis) {
  return build.make<Op>(input, axis);
}

// 1 for the first of the largest elements, 0 for all others.
static Value hardmax(Decomposition &build, Value input, int64_t axis) {
  ArrayRef<int64_t> shape = shapeOf(input);
  if (elementCount(shape) == 0)
    return input;
  Value largest = build.make<ArgReduceOp>(input, axis);
  Shape kept = reducedShape(shape, {axis}, /*keepDims=*/true);
  Shape numbers(shape.size(), 1);
  numbers[axis] = shape[axis];
  Value hit = build.make<CompareOp>(
      ComparePredicate::Equal, build.reshape(largest, kept),
      build.count(numbers, elementTypeOf(largest)));
  return build.select(hit, build.number(1, input), build.number(0, input));
}

LogicalResult importSoftmax(NodeImport &node) {
  return importAlongAxis(node, normalise<SoftmaxOp>);
}
LogicalResult importLogSoftmax(NodeImport &node) {
  return importAlongAxis(node, normalise<LogSoftmaxOp>);
}
LogicalResult importHardmax(NodeImport &node) {
  return importAlongAxis(node, hardmax);
}

} // namespace mpc::frontend
