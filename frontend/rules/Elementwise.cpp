#include "frontend/rules/Elementwise.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace mpc::frontend {

Value floatOperand(NodeImport &node, unsigned index) {
  Value value = node.operand(index);
  if (!value || isFloat(value))
    return value;
  (void)node.unsupported("works on integers that are not known at compile "
                         "time",
                         "use floats");
  return nullptr;
}

bool fitTogether(NodeImport &node, Value lhs, Value rhs) {
  if (!broadcastShapes(shapeOf(lhs), shapeOf(rhs))) {
    (void)node.invalid("shapes " + shapeText(shapeOf(lhs)) + " and " +
                       shapeText(shapeOf(rhs)) + " do not broadcast");
    return false;
  }
  bool floats = isFloat(lhs) && isFloat(rhs);
  if (floats || elementTypeOf(lhs) == elementTypeOf(rhs))
    return true;
  (void)node.invalid("its operands have different element types");
  return false;
}

Value scalarLike(NodeImport &node, Value like, double value) {
  RankedTensorType type = typeLike(like, {});
  auto number = node.builder.getFloatAttr(type.getElementType(), value);
  return ConstantOp::create(node.builder, node.loc,
                            DenseElementsAttr::get(type, number));
}

Value integerScalarLike(NodeImport &node, Value like, int64_t value) {
  RankedTensorType type = typeLike(like, {});
  auto number = node.builder.getIntegerAttr(type.getElementType(), value);
  return ConstantOp::create(node.builder, node.loc,
                            DenseElementsAttr::get(type, number));
}

Value selectOf(NodeImport &node, Value condition, Value then, Value otherwise) {
  auto shape = broadcastShapes(
      shapeOf(condition), *broadcastShapes(shapeOf(then), shapeOf(otherwise)));
  return SelectOp::create(node.builder, node.loc, typeLike(then, *shape),
                          condition, then, otherwise);
}

Value convertTo(NodeImport &node, Value value, Type element) {
  if (elementTypeOf(value) == element)
    return value;
  auto type = RankedTensorType::get(shapeOf(value), element);
  if (isFloat(value) && isa<FloatType>(element))
    return CastOp::create(node.builder, node.loc, type, value,
                          node.builder.getUnitAttr());
  return ConvertOp::create(node.builder, node.loc, type, value);
}

// A weight on one side starts as the value that changes nothing. On the right,
// it spans the last dimensions where the model leaves its shape open.
template <typename Op>
static LogicalResult importBinary(NodeImport &node, SlotUse::Kind neutral) {
  Value lhs = node.operand(0, SlotUse{neutral});
  if (!lhs)
    return failure();
  size_t rank = std::min(shapeOf(lhs).size(), node.operandShape(1).size());
  Value rhs = node.operand(1, SlotUse{neutral}, shapeOf(lhs).take_back(rank));
  if (!rhs || !fitTogether(node, lhs, rhs))
    return failure();
  node.setResult(0, Op::create(node.builder, node.loc, lhs, rhs));
  return success();
}

LogicalResult importAdd(NodeImport &node) {
  return importBinary<AddOp>(node, SlotUse::Kind::Bias);
}
LogicalResult importSub(NodeImport &node) {
  return importBinary<SubOp>(node, SlotUse::Kind::Bias);
}
LogicalResult importMul(NodeImport &node) {
  return importBinary<MulOp>(node, SlotUse::Kind::Scale);
}
LogicalResult importDiv(NodeImport &node) {
  return importBinary<DivOp>(node, SlotUse::Kind::Scale);
}

// Floats take the remainder of C where `fmod` is set, else that of Python.
LogicalResult importMod(NodeImport &node) {
  if (node.intAttribute("fmod", 0) != 0)
    return importBinary<FmodOp>(node, SlotUse::Kind::Scale);
  return importBinary<ModOp>(node, SlotUse::Kind::Scale);
}

// One float for the exponent where it is known, so that it is a constant of the
// base's type.
static Value exponentOf(NodeImport &node, Value base) {
  const IntTensor *known = node.ints(1);
  if (isFloat(base) && known && known->values.size() == 1)
    return scalarLike(node, base, static_cast<double>(known->values[0]));
  return node.operand(1);
}

// The power has the type of the base. Where an integer meets a float it is
// taken in f32, where two integers meet in the wider type, in which it wraps
// alike.
LogicalResult importPow(NodeImport &node) {
  Value base = node.operand(0);
  Value exponent = base ? exponentOf(node, base) : Value();
  if (!exponent)
    return failure();
  Type element = elementTypeOf(base);
  if (isFloat(base) && !isFloat(exponent))
    exponent = convertTo(node, exponent, node.builder.getF32Type());
  if (!isFloat(base) && isFloat(exponent))
    base = convertTo(node, base, node.builder.getF32Type());
  if (!isFloat(base)) {
    bool widens = elementTypeOf(exponent).getIntOrFloatBitWidth() >
                  element.getIntOrFloatBitWidth();
    Type wider = widens ? elementTypeOf(exponent) : element;
    base = convertTo(node, base, wider);
    exponent = convertTo(node, exponent, wider);
  }
  if (!fitTogether(node, base, exponent))
    return failure();
  Value power = PowOp::create(node.builder, node.loc, base, exponent);
  node.setResult(0, convertTo(node, power, element));
  return success();
}

// Folds any number of operands from the left; null with a problem.
template <typename Op> static Value combine(NodeImport &node) {
  Value all = node.operand(0);
  for (unsigned i = 1; all && i < node.node.inputs.size(); ++i) {
    Value next = node.operand(i);
    if (!next || !fitTogether(node, all, next))
      return nullptr;
    all = Op::create(node.builder, node.loc, all, next);
  }
  return all;
}

template <typename Op> static LogicalResult importVariadic(NodeImport &node) {
  if (node.node.inputs.size() == 1) {
    node.forward();
    return success();
  }
  Value all = combine<Op>(node);
  if (!all)
    return failure();
  node.setResult(0, all);
  return success();
}

LogicalResult importMax(NodeImport &node) {
  return importVariadic<MaxOp>(node);
}
LogicalResult importMin(NodeImport &node) {
  return importVariadic<MinOp>(node);
}
LogicalResult importSum(NodeImport &node) {
  return importVariadic<AddOp>(node);
}

LogicalResult importMean(NodeImport &node) {
  if (!floatOperand(node, 0))
    return failure();
  Value sum = combine<AddOp>(node);
  if (!sum)
    return failure();
  auto count = static_cast<double>(node.node.inputs.size());
  node.setResult(0, DivOp::create(node.builder, node.loc, sum,
                                  scalarLike(node, sum, count)));
  return success();
}

LogicalResult importIdentity(NodeImport &node) {
  node.forward();
  return success();
}

} // namespace mpc::frontend
