// Comparisons, truth values and what chooses by them.
#include "frontend/OpTable.h"
#include "frontend/rules/Elementwise.h"

using namespace mlir;

namespace mpc::frontend {

static ComparePredicate predicateOf(StringRef opType) {
  return llvm::StringSwitch<ComparePredicate>(opType)
      .Case("Equal", ComparePredicate::Equal)
      .Case("Less", ComparePredicate::Less)
      .Case("LessOrEqual", ComparePredicate::LessOrEqual)
      .Case("Greater", ComparePredicate::Greater)
      .Case("GreaterOrEqual", ComparePredicate::GreaterOrEqual);
}

LogicalResult importCompare(NodeImport &node) {
  Value lhs = node.operand(0), rhs = node.operand(1);
  if (!lhs || !rhs || !fitTogether(node, lhs, rhs))
    return failure();
  node.setResult(0, CompareOp::create(node.builder, node.loc,
                                      predicateOf(node.node.opType), lhs, rhs));
  return success();
}

// `And` and its kind are for truth values, `BitwiseAnd` and its kind for other
// integers.
template <typename Op>
static LogicalResult importLogical(NodeImport &node, bool bitwise) {
  Value lhs = node.operand(0), rhs = node.operand(1);
  if (!lhs || !rhs || !fitTogether(node, lhs, rhs))
    return failure();
  if (isFloat(lhs) || elementTypeOf(lhs).isInteger(1) == bitwise)
    return node.invalid(Twine("its operands are not ") +
                        (bitwise ? "integers" : "BOOL"));
  node.setResult(0, Op::create(node.builder, node.loc, lhs, rhs));
  return success();
}

LogicalResult importAnd(NodeImport &node) {
  return importLogical<AndOp>(node, false);
}
LogicalResult importOr(NodeImport &node) {
  return importLogical<OrOp>(node, false);
}
LogicalResult importXor(NodeImport &node) {
  return importLogical<XorOp>(node, false);
}
LogicalResult importBitwiseAnd(NodeImport &node) {
  return importLogical<AndOp>(node, true);
}
LogicalResult importBitwiseOr(NodeImport &node) {
  return importLogical<OrOp>(node, true);
}
LogicalResult importBitwiseXor(NodeImport &node) {
  return importLogical<XorOp>(node, true);
}

LogicalResult importNot(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  if (!elementTypeOf(input).isInteger(1))
    return node.invalid("its operand is not BOOL");
  node.setResult(0, NotOp::create(node.builder, node.loc, input));
  return success();
}

LogicalResult importBitwiseNot(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  if (isFloat(input) || elementTypeOf(input).isInteger(1))
    return node.invalid("its operand is not of integers");
  Value ones = integerScalarLike(node, input, -1);
  node.setResult(0, XorOp::create(node.builder, node.loc, input, ones));
  return success();
}

static RankedTensorType truthLike(NodeImport &node, Value value) {
  return RankedTensorType::get(shapeOf(value), node.builder.getI1Type());
}

LogicalResult importIsNaN(NodeImport &node) {
  Value input = floatOperand(node, 0);
  if (!input)
    return failure();
  node.setResult(0, IsNanOp::create(node.builder, node.loc,
                                    truthLike(node, input), input));
  return success();
}

LogicalResult importIsInf(NodeImport &node) {
  Value input = floatOperand(node, 0);
  if (!input)
    return failure();
  bool positive = node.intAttribute("detect_positive", 1) != 0;
  bool negative = node.intAttribute("detect_negative", 1) != 0;
  node.setResult(0,
                 IsInfOp::create(node.builder, node.loc, truthLike(node, input),
                                 input, positive, negative));
  return success();
}

LogicalResult importWhere(NodeImport &node) {
  Value condition = node.operand(0), then = node.operand(1),
        otherwise = node.operand(2);
  if (!condition || !then || !otherwise || !fitTogether(node, then, otherwise))
    return failure();
  if (!elementTypeOf(condition).isInteger(1))
    return node.invalid("its condition is not BOOL");
  auto shape = broadcastShapes(shapeOf(then), shapeOf(otherwise));
  if (!broadcastShapes(*shape, shapeOf(condition)))
    return node.invalid("its condition " + shapeText(shapeOf(condition)) +
                        " does not broadcast with " + shapeText(*shape));
  node.setResult(0, selectOf(node, condition, then, otherwise));
  return success();
}

// A bound of Clip: an attribute before version 11, then an operand. Nothing if
// it is not given, null with a problem.
static std::optional<Value> clipBound(NodeImport &node, Value input,
                                      StringRef name, unsigned index) {
  if (node.since < 11) {
    if (!node.hasAttribute(name))
      return std::nullopt;
    return scalarLike(node, input, node.floatAttribute(name, 0));
  }
  if (!node.has(index))
    return std::nullopt;
  Value bound = node.operand(index);
  if (bound && elementCount(shapeOf(bound)) != 1) {
    (void)node.invalid("its " + name + " has shape " +
                       shapeText(shapeOf(bound)) + "; expected one number");
    return Value();
  }
  return bound && fitTogether(node, input, bound) ? bound : Value();
}

// Compares and selects, so that at a bound the whole gradient goes to the
// operand, as in PyTorch's clamp, and NaN stays NaN.
LogicalResult importClip(NodeImport &node) {
  Value result = node.operand(0);
  if (!result)
    return failure();
  if (node.since < 11 && !floatOperand(node, 0))
    return failure();
  Shape shape(shapeOf(result));
  auto limit = [&](StringRef name, unsigned index, ComparePredicate beyond) {
    std::optional<Value> bound = clipBound(node, result, name, index);
    if (!bound)
      return success();
    if (!*bound)
      return failure();
    Value flat = *bound;
    if (shapeOf(flat).size() > shape.size())
      flat =
          ReshapeOp::create(node.builder, node.loc, flat, ArrayRef<int64_t>());
    Value isBeyond =
        CompareOp::create(node.builder, node.loc, beyond, result, flat);
    result = SelectOp::create(node.builder, node.loc, result.getType(),
                              isBeyond, flat, result);
    return success();
  };
  if (failed(limit("min", 1, ComparePredicate::Less)) ||
      failed(limit("max", 2, ComparePredicate::Greater)))
    return failure();
  node.setResult(0, result);
  return success();
}

// The slope where x is not positive: at 0 its derivative is PyTorch's.
LogicalResult importPRelu(NodeImport &node) {
  Value x = floatOperand(node, 0);
  Value slope = x ? node.operand(1) : Value();
  if (!slope || !fitTogether(node, x, slope))
    return failure();
  if (!broadcastsTo(shapeOf(slope), shapeOf(x)))
    return node.invalid("its slope " + shapeText(shapeOf(slope)) +
                        " does not broadcast to " + shapeText(shapeOf(x)));
  Value isPositive =
      CompareOp::create(node.builder, node.loc, ComparePredicate::Greater, x,
                        scalarLike(node, x, 0));
  Value below = MulOp::create(node.builder, node.loc, x, slope);
  node.setResult(0, selectOf(node, isPositive, x, below));
  return success();
}

} // namespace mpc::frontend
