#include "compiler/dialect/Dialect.h"

using namespace mlir;
using namespace mpc;

// broadcast-b1, compare-c1, select-s1
static LogicalResult verifyBroadcast(Operation *op) {
  ArrayRef<int64_t> result = shapeOf(op->getResult(0));
  std::optional<Shape> shape = Shape{};
  for (Value operand : op->getOperands()) {
    shape = broadcastShapes(*shape, shapeOf(operand));
    if (!shape)
      break;
  }
  if (!shape || ArrayRef<int64_t>(*shape) != result) {
    auto diag = op->emitOpError("operands do not broadcast to the result: ");
    llvm::interleaveComma(op->getOperandTypes(), diag);
    return diag << " to " << op->getResult(0).getType();
  }
  return success();
}

// broadcast-b2, compare-c2, select-s2
static LogicalResult verifyElementTypes(Operation *op, ValueRange values) {
  bool floats = llvm::all_of(
      values, [](Value v) { return isa<FloatType>(elementTypeOf(v)); });
  bool same = llvm::all_of(values, [&](Value v) {
    return elementTypeOf(v) == elementTypeOf(values[0]);
  });
  if (floats || same)
    return success();
  auto diag = op->emitOpError("mixes element types: ");
  llvm::interleaveComma(values.getTypes(), diag);
  return diag << "; expected all floats or one integer type";
}

static LogicalResult verifyBinary(Operation *op) {
  if (failed(verifyBroadcast(op)))
    return failure();
  return verifyElementTypes(
      op, {op->getOperand(0), op->getOperand(1), op->getResult(0)});
}

LogicalResult AddOp::verify() { return verifyBinary(*this); }
LogicalResult SubOp::verify() { return verifyBinary(*this); }
LogicalResult MulOp::verify() { return verifyBinary(*this); }
LogicalResult DivOp::verify() { return verifyBinary(*this); }
LogicalResult MaxOp::verify() { return verifyBinary(*this); }
LogicalResult MinOp::verify() { return verifyBinary(*this); }
LogicalResult PowOp::verify() { return verifyBinary(*this); }
LogicalResult ModOp::verify() { return verifyBinary(*this); }
LogicalResult FmodOp::verify() { return verifyBinary(*this); }
LogicalResult AndOp::verify() { return verifyBinary(*this); }
LogicalResult OrOp::verify() { return verifyBinary(*this); }
LogicalResult XorOp::verify() { return verifyBinary(*this); }

LogicalResult CompareOp::verify() {
  if (failed(verifyBroadcast(*this)))
    return failure();
  return verifyElementTypes(*this, getOperands());
}

// unary-u1, unary_grad-u1, relu_grad-r1, cast-c1, convert-c1
static LogicalResult verifySameShape(Operation *op) {
  for (Value operand : op->getOperands())
    if (shapeOf(operand) != shapeOf(op->getResult(0)))
      return op->emitOpError("changes the shape from ")
             << operand.getType() << " to " << op->getResult(0).getType();
  return success();
}

LogicalResult NegOp::verify() { return verifySameShape(*this); }
LogicalResult SqrtOp::verify() { return verifySameShape(*this); }
LogicalResult ReluOp::verify() { return verifySameShape(*this); }
LogicalResult ReluGradOp::verify() { return verifySameShape(*this); }

LogicalResult UnaryOp::verify() { return verifySameShape(*this); }
LogicalResult IsNanOp::verify() { return verifySameShape(*this); }
LogicalResult IsInfOp::verify() { return verifySameShape(*this); }
LogicalResult NotOp::verify() { return verifySameShape(*this); }

LogicalResult UnaryGradOp::verify() {
  if (failed(verifySameShape(*this)))
    return failure();
  // unary_grad-u2
  if (hasZeroDerivative(getFunction()))
    return emitOpError("has the derivative of ")
           << stringifyUnaryFunction(getFunction()) << ", which is 0";
  return success();
}

LogicalResult SelectOp::verify() {
  if (failed(verifyBroadcast(*this)))
    return failure();
  return verifyElementTypes(*this, {getLhs(), getRhs(), getResult()});
}

LogicalResult CastOp::verify() {
  if (failed(verifySameShape(*this)))
    return failure();
  // cast-c2
  if (!getUser() && elementTypeOf(getInput()) == elementTypeOf(getResult()))
    return emitOpError("casts ") << getInput().getType() << " to itself";
  return success();
}

LogicalResult ConvertOp::verify() {
  if (failed(verifySameShape(*this)))
    return failure();
  // convert-c2
  Type from = elementTypeOf(getInput()), to = elementTypeOf(getResult());
  if (from == to || (isa<FloatType>(from) && isa<FloatType>(to)))
    return emitOpError("converts ")
           << from << " to " << to
           << "; expected two types that are not both floats";
  return success();
}

LogicalResult ConstantOp::verify() {
  // constant-c1
  if (getValue().getType() != getType())
    return emitOpError("has a value of type ")
           << getValue().getType() << " but the result is " << getType();
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

bool mpc::derivativeReadsResult(UnaryFunction function) {
  switch (function) {
  case UnaryFunction::Exp:
  case UnaryFunction::Tan:
  case UnaryFunction::Tanh:
  case UnaryFunction::Sigmoid:
  case UnaryFunction::Reciprocal:
    return true;
  default:
    return false;
  }
}

bool mpc::hasZeroDerivative(UnaryFunction function) {
  switch (function) {
  case UnaryFunction::Sign:
  case UnaryFunction::Floor:
  case UnaryFunction::Ceil:
  case UnaryFunction::Round:
    return true;
  default:
    return false;
  }
}

#define GET_OP_CLASSES
#include "compiler/dialect/Elementwise.cpp.inc"

void MpcDialect::addElementwiseOps() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/Elementwise.cpp.inc"
      >();
}
