// Operators that make a tensor from a shape or a few numbers.
#include "frontend/OpTable.h"
#include "frontend/rules/Axes.h"
#include "frontend/rules/Movement.h"

#include <cmath>

using namespace mlir;

namespace mpc::frontend {

static std::optional<SmallVector<int64_t>> knownShape(NodeImport &node,
                                                      unsigned operand) {
  auto shape = readInts(node, "shape", operand, 0);
  if (!shape || failed(checkShape(node, *shape)))
    return std::nullopt;
  return shape;
}

LogicalResult importShape(NodeImport &node) {
  IntTensor result;
  for (int64_t extent : node.operandShape(0))
    result.values.push_back(extent);
  auto rank = static_cast<int64_t>(result.values.size());
  auto bound = [&](StringRef name, int64_t otherwise) {
    int64_t at = node.intAttribute(name, otherwise);
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  int64_t start = bound("start", 0), end = bound("end", rank);
  result.values.resize(end);
  result.values.erase(result.values.begin(),
                      result.values.begin() + std::min(start, end));
  result.shape = {static_cast<int64_t>(result.values.size())};
  node.setInts(0, std::move(result));
  return success();
}

LogicalResult importSize(NodeImport &node) {
  SmallVector<int64_t> shape = node.operandShape(0);
  if (node.failed() || failed(checkShape(node, shape)))
    return failure();
  IntTensor result;
  result.values = {elementCount(shape)};
  node.setInts(0, std::move(result));
  return success();
}

// One element, repeated. Nothing for types that no program holds.
static std::optional<DenseElementsAttr>
splatOf(NodeImport &node, const Tensor &one, ArrayRef<int64_t> shape) {
  Type element =
      one.dtype ? elementType(*node.builder.getContext(), *one.dtype) : Type();
  if (!element || !one.small || mpcrt::elementCount(one.shape) != 1)
    return std::nullopt;
  auto type = RankedTensorType::get(shape, element);
  if (std::optional<IntTensor> known = toIntTensor(one))
    return DenseElementsAttr::get(
        type, mlir::Attribute(IntegerAttr::get(element, known->values[0])));
  auto bytes = reinterpret_cast<const char *>(one.small->data());
  return DenseElementsAttr::getFromRawBuffer(type, {bytes, one.small->size()});
}

LogicalResult importConstantOfShape(NodeImport &node) {
  auto shape = knownShape(node, 0);
  if (!shape)
    return failure();
  const Tensor *given = node.tensorAttribute("value");
  if (!given) {
    node.setResult(0, filled(node, node.builder.getF32Type(), *shape, 0));
    return success();
  }
  auto value = splatOf(node, *given, *shape);
  if (!value)
    return node.unsupported("its value is not one element of a type that "
                            "programs have",
                            "use FLOAT, FLOAT16, BFLOAT16, INT64, INT32, INT8 "
                            "or BOOL");
  node.setResult(0, ConstantOp::create(node.builder, node.loc, *value));
  return success();
}

LogicalResult importExpand(NodeImport &node) {
  Value input = node.operand(0);
  auto wanted = knownShape(node, 1);
  if (!input || !wanted)
    return failure();
  auto shape = broadcastShapes(shapeOf(input), *wanted);
  if (!shape)
    return node.invalid("shapes " + shapeText(shapeOf(input)) + " and " +
                            shapeText(*wanted) + " do not broadcast",
                        "check the shape, and the extents given by --shape");
  if (failed(checkShape(node, *shape)))
    return failure();
  node.setResult(0, broadcastTo(node, input, *shape));
  return success();
}

// Each dimension d becomes [repeats, d], repeated along the first of the two.
LogicalResult importTile(NodeImport &node) {
  Value input = node.operand(0);
  auto repeats = readInts(node, "repeats", 1, 0);
  if (!input || !repeats)
    return failure();
  ArrayRef<int64_t> shape = shapeOf(input);
  if (repeats->size() != shape.size())
    return node.invalid("has " + Twine(repeats->size()) +
                        " repeats for a tensor of rank " + Twine(shape.size()));
  Shape apart, repeated, result;
  for (auto [extent, times] : llvm::zip_equal(shape, *repeats)) {
    llvm::append_values(apart, 1, extent);
    llvm::append_values(repeated, times, extent);
    int64_t total = 0;
    result.push_back(__builtin_mul_overflow(times, extent, &total) ? -1
                                                                   : total);
  }
  if (failed(checkShape(node, *repeats)) || failed(checkShape(node, result)))
    return failure();
  if (ArrayRef<int64_t>(result) == shape) {
    node.forward();
    return success();
  }
  Value spread = broadcastTo(node, reshaped(node, input, apart), repeated);
  node.setResult(0, reshaped(node, spread, result));
  return success();
}

// start + i * delta; integers wrap.
static mlir::Attribute rangeElement(NodeImport &node, Type element,
                                    ArrayRef<double> bounds, int64_t i) {
  if (isa<FloatType>(element))
    return node.builder.getFloatAttr(
        element, bounds[0] + static_cast<double>(i) * bounds[2]);
  auto integer = [&](unsigned operand) {
    return static_cast<uint64_t>(node.ints(operand)->values[0]);
  };
  return IntegerAttr::get(
      element, APInt(element.getIntOrFloatBitWidth(),
                     integer(0) + static_cast<uint64_t>(i) * integer(2),
                     /*isSigned=*/false, /*implicitTrunc=*/true));
}

// Short ranges of integers are folded before; this one is of floats, or long.
LogicalResult importRange(NodeImport &node) {
  SmallVector<double> bounds;
  Type element;
  for (unsigned i = 0; i < 3; ++i) {
    auto known = readNumber(node, "bound", i, 0, 0);
    Value operand = known ? node.operand(i) : Value();
    if (!operand)
      return failure();
    bounds.push_back(*known);
    element = elementTypeOf(operand);
    if (!isa<FloatType>(element) && !node.ints(i))
      return node.invalid("its bounds have different element types");
  }
  double exact = std::ceil((bounds[1] - bounds[0]) / bounds[2]);
  if (std::isnan(exact))
    return node.invalid("has no number of elements");
  auto count = static_cast<int64_t>(std::clamp(exact, 0.0, 0x1p62));
  if (failed(checkTable(node, count)))
    return failure();
  SmallVector<mlir::Attribute> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(rangeElement(node, element, bounds, i));
  auto type = RankedTensorType::get({count}, element);
  node.setResult(0, ConstantOp::create(node.builder, node.loc,
                                       DenseElementsAttr::get(type, values)));
  return success();
}

LogicalResult importEyeLike(NodeImport &node) {
  SmallVector<int64_t> shape = node.operandShape(0);
  if (node.failed())
    return failure();
  if (failed(checkShape(node, shape)))
    return failure();
  if (shape.size() != 2)
    return node.invalid("its operand is " + shapeText(shape) +
                        "; expected a matrix");
  Type element;
  if (node.hasAttribute("dtype"))
    element = elementOfDataType(node, node.intAttribute("dtype", 1));
  else if (Value input = node.operand(0))
    element = elementTypeOf(input);
  if (!element)
    return failure();
  int64_t k = node.intAttribute("k", 0);
  auto length = [&](int64_t rows, int64_t columns) {
    return std::max<int64_t>(0, std::min(rows, columns));
  };
  // The diagonal starts at row -k or at column k.
  bool inside = k > -shape[0] && k < shape[1];
  int64_t row = inside ? std::max<int64_t>(0, -k) : 0;
  int64_t column = inside ? std::max<int64_t>(0, k) : 0;
  int64_t ones = inside ? length(shape[0] - row, shape[1] - column) : 0;
  // In row-major order the elements of a diagonal stand columns + 1 apart.
  Value line = filled(node, element, {ones}, 1);
  Value flat =
      PadOp::create(node.builder, node.loc, line, {row * shape[1] + column},
                    {shape[1] + 1}, {elementCount(shape)}, 0.0);
  node.setResult(0, reshaped(node, flat, shape));
  return success();
}

} // namespace mpc::frontend
