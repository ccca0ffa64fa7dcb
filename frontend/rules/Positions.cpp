// Operators that find positions, and those that choose by them.
#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/Movement.h"

using namespace mlir;

namespace mpc::frontend {

static LogicalResult importArgReduce(NodeImport &node, bool smallest) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  auto axis = readAxis(node, static_cast<int64_t>(shape.size()), 0);
  if (!axis)
    return failure();
  if (shape[*axis] == 0)
    return node.invalid("picks from axis " + Twine(*axis) + " of " +
                        shapeText(shape) + ", which is empty");
  Value result =
      ArgReduceOp::create(node.builder, node.loc, input, *axis, smallest,
                          node.intAttribute("select_last_index", 0) != 0);
  if (node.intAttribute("keepdims", 1))
    result =
        reshaped(node, result, reducedShape(shape, {*axis}, /*keepDims=*/true));
  node.setResult(0, result);
  return success();
}

LogicalResult importArgMax(NodeImport &node) {
  return importArgReduce(node, /*smallest=*/false);
}
LogicalResult importArgMin(NodeImport &node) {
  return importArgReduce(node, /*smallest=*/true);
}

LogicalResult importCumSum(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  auto axes = readInts(node, "axis", 1, 0);
  auto rank = static_cast<int64_t>(shapeOf(input).size());
  if (!axes || failed(normaliseAxes(node, rank, *axes)))
    return failure();
  if (axes->size() != 1)
    return node.invalid("has " + Twine(axes->size()) + " axes; expected one");
  node.setResult(0, CumSumOp::create(node.builder, node.loc, input, (*axes)[0],
                                     node.intAttribute("exclusive", 0) != 0,
                                     node.intAttribute("reverse", 0) != 0));
  return success();
}

// Which elements of `index` are the number first + i at position i of the line
// along the axis.
static Value isClass(NodeImport &node, Value index, int64_t first,
                     ArrayRef<int64_t> line) {
  Type element = elementTypeOf(index);
  SmallVector<mlir::Attribute> numbers;
  for (int64_t i = first; i < first + line[0]; ++i)
    numbers.push_back(isa<FloatType>(element)
                          ? mlir::Attribute(node.builder.getFloatAttr(
                                element, static_cast<double>(i)))
                          : node.builder.getIntegerAttr(element, i));
  auto type = RankedTensorType::get(line, element);
  Value classes = ConstantOp::create(node.builder, node.loc,
                                     DenseElementsAttr::get(type, numbers));
  return CompareOp::create(node.builder, node.loc, ComparePredicate::Equal,
                           index, classes);
}

// An index is compared with the class numbers 0 to depth - 1, and with the same
// numbers less depth for those that count from the end.
LogicalResult importOneHot(NodeImport &node) {
  Value indices = node.operand(0), values = node.operand(2);
  auto given = readNumber(node, "depth", 1, 0, 0);
  if (!indices || !values || !given)
    return failure();
  if (!(*given >= 0 && *given < 0x1p62))
    return node.invalid("its depth is " + std::to_string(*given));
  auto depth = static_cast<int64_t>(*given);
  auto rank = static_cast<int64_t>(shapeOf(indices).size()) + 1;
  auto axis = readAxis(node, rank, -1);
  if (!axis)
    return failure();
  if (shapeOf(values) != ArrayRef<int64_t>{2})
    return node.invalid("its values are " + shapeText(shapeOf(values)) +
                        "; expected 2");
  Shape column(shapeOf(indices)), result(column);
  column.insert(column.begin() + *axis, 1);
  result.insert(result.begin() + *axis, depth);
  if (failed(checkShape(node, result)) || failed(checkTable(node, depth)))
    return failure();
  Value index = reshaped(node, indices, column);
  Shape line(static_cast<size_t>(rank - *axis), 1);
  line[0] = depth;
  auto type = typeLike(values, result);
  Value off = reshaped(node, takeRange(node, values, 0, 0, 1), {});
  Value on = reshaped(node, takeRange(node, values, 0, 1, 2), {});
  Value fromTheEnd =
      SelectOp::create(node.builder, node.loc, type,
                       isClass(node, index, -depth, line), on, off);
  node.setResult(0, SelectOp::create(node.builder, node.loc, type,
                                     isClass(node, index, 0, line), on,
                                     fromTheEnd));
  return success();
}

LogicalResult importTrilu(NodeImport &node) {
  Value input = node.operand(0);
  auto given = readNumber(node, "k", 1, 0, 0);
  if (!input || !given)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  if (shape.size() < 2)
    return node.invalid("its operand is " + shapeText(shape) +
                        "; expected matrices");
  int64_t rows = shape[shape.size() - 2], columns = shape.back();
  if (failed(checkTable(node, {rows, columns})))
    return failure();
  bool upper = node.intAttribute("upper", 1) != 0;
  SmallVector<bool> kept;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      double diagonal = static_cast<double>(j - i);
      kept.push_back(upper ? diagonal >= *given : diagonal <= *given);
    }
  auto type = RankedTensorType::get({rows, columns}, node.builder.getI1Type());
  Value mask =
      ConstantOp::create(node.builder, node.loc,
                         DenseElementsAttr::get(type, ArrayRef<bool>(kept)));
  Value zero = filled(node, elementTypeOf(input), {}, 0);
  node.setResult(0, SelectOp::create(node.builder, node.loc, input.getType(),
                                     mask, input, zero));
  return success();
}

// How many elements are taken depends on the condition, so it must be known.
LogicalResult importCompress(NodeImport &node) {
  Value input = node.operand(0);
  auto condition = readInts(node, "condition", 1, 0);
  if (!input || !condition)
    return failure();
  int64_t axis = 0;
  if (node.hasAttribute("axis")) {
    auto given = readAxis(node, static_cast<int64_t>(shapeOf(input).size()), 0);
    if (!given)
      return failure();
    axis = *given;
  } else {
    input = reshaped(node, input, {elementCount(shapeOf(input))});
  }
  if (static_cast<int64_t>(condition->size()) > shapeOf(input)[axis])
    return node.invalid("its condition has " + Twine(condition->size()) +
                        " elements for an axis of " +
                        Twine(shapeOf(input)[axis]));
  SmallVector<int64_t> taken;
  for (auto [i, value] : llvm::enumerate(*condition))
    if (value != 0)
      taken.push_back(static_cast<int64_t>(i));
  node.setResult(0, takeAlong(node, input, axis, taken));
  return success();
}

} // namespace mpc::frontend
