// Comparisons, truth values, maximum and minimum, and conversions.
#include "compiler/lowering/ScalarModels.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

static bool isFloat(Value value) {
  return isa<FloatType>(getElementTypeOrSelf(value.getType()));
}
static bool isTruth(Value value) {
  return getElementTypeOrSelf(value.getType()).isInteger(1);
}

// Truth values are 0 and 1, hence unsigned.
static arith::CmpIPredicate integerPredicate(ComparePredicate predicate,
                                             bool isUnsigned) {
  using P = arith::CmpIPredicate;
  switch (predicate) {
  case ComparePredicate::Equal:
    return P::eq;
  case ComparePredicate::Less:
    return isUnsigned ? P::ult : P::slt;
  case ComparePredicate::LessOrEqual:
    return isUnsigned ? P::ule : P::sle;
  case ComparePredicate::Greater:
    return isUnsigned ? P::ugt : P::sgt;
  case ComparePredicate::GreaterOrEqual:
    return isUnsigned ? P::uge : P::sge;
  }
  llvm_unreachable("all predicates are listed");
}

// Ordered: false where either is NaN.
static arith::CmpFPredicate floatPredicate(ComparePredicate predicate) {
  using P = arith::CmpFPredicate;
  switch (predicate) {
  case ComparePredicate::Equal:
    return P::OEQ;
  case ComparePredicate::Less:
    return P::OLT;
  case ComparePredicate::LessOrEqual:
    return P::OLE;
  case ComparePredicate::Greater:
    return P::OGT;
  case ComparePredicate::GreaterOrEqual:
    return P::OGE;
  }
  llvm_unreachable("all predicates are listed");
}

static Elements emitCompare(CompareOp op, B &b, Operands o) {
  if (isFloat(o[0]))
    return {compare(b, floatPredicate(op.getPredicate()), o[0], o[1])};
  auto predicate = integerPredicate(op.getPredicate(), isTruth(o[0]));
  return {arith::CmpIOp::create(b, predicate, o[0], o[1])};
}

template <typename OpTy, typename IntOp>
static Elements emitLogical(OpTy, B &b, Operands o) {
  return {IntOp::create(b, o[0], o[1])};
}
static Elements emitNot(NotOp, B &b, Operands o) {
  return {arith::XOrIOp::create(b, o[0], integerLike(b, o[0], 1))};
}

static Elements emitIsNan(IsNanOp, B &b, Operands o) {
  return {compare(b, arith::CmpFPredicate::UNO, o[0], o[0])};
}
static Elements emitIsInf(IsInfOp op, B &b, Operands o) {
  auto equals = [&](double value) {
    return compare(b, arith::CmpFPredicate::OEQ, o[0],
                   constantLike(b, o[0], value));
  };
  Value result;
  if (op.getPositive())
    result = equals(HUGE_VAL);
  if (op.getNegative()) {
    Value negative = equals(-HUGE_VAL);
    result = result ? arith::OrIOp::create(b, result, negative) : negative;
  }
  return {result ? result
                 : intConstant(b, b.getLoc(), b.getI1Type(), 0, lanesOf(o[0]))};
}

template <typename OpTy, typename FloatOp, typename IntOp, typename TruthOp>
static Elements emitExtremum(OpTy, B &b, Operands o) {
  if (isFloat(o[0]))
    return {FloatOp::create(b, o[0], o[1])};
  if (isTruth(o[0]))
    return {TruthOp::create(b, o[0], o[1])};
  return {IntOp::create(b, o[0], o[1])};
}

// Towards 0; what lies beyond the type's range becomes its end, and NaN 0. The
// conversion itself only sees numbers that it is defined for: 2^(width - 1) is
// the first float beyond the range.
static Value floatToInteger(B &b, Value x, Type element) {
  int64_t lanes = lanesOf(x);
  if (element.isInteger(1))
    return compare(b, arith::CmpFPredicate::UNE, x, constantLike(b, x, 0));
  unsigned width = element.getIntOrFloatBitWidth();
  Value zero = constantLike(b, x, 0);
  Value low = constantLike(b, x, -std::ldexp(1.0, int(width) - 1));
  Value high = constantLike(b, x, std::ldexp(1.0, int(width) - 1));
  Value isLow = compare(b, arith::CmpFPredicate::OLT, x, low);
  Value isInside = compare(b, arith::CmpFPredicate::OLT, x, high);
  Value isHigh = compare(b, arith::CmpFPredicate::OGE, x, high);
  Value inside = select(b, isInside, select(b, isLow, low, x), zero);
  Value number = arith::FPToSIOp::create(b, withLanes(element, lanes), inside);
  Value largest =
      intConstant(b, b.getLoc(), element,
                  llvm::APInt::getSignedMaxValue(width).getSExtValue(), lanes);
  return select(b, isHigh, largest, number);
}

static Value integerToInteger(B &b, Value x, Type element) {
  int64_t lanes = lanesOf(x);
  Type type = withLanes(element, lanes);
  if (element.isInteger(1))
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, x,
                                 integerLike(b, x, 0));
  if (isTruth(x))
    return arith::ExtUIOp::create(b, type, x);
  unsigned from = getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth();
  if (from < element.getIntOrFloatBitWidth())
    return arith::ExtSIOp::create(b, type, x);
  return arith::TruncIOp::create(b, type, x);
}

static Elements emitConvert(ConvertOp op, B &b, Operands o) {
  Value x = o[0];
  Type element = elementTypeOf(op.getResult());
  if (isFloat(x))
    return {floatToInteger(b, x, element)};
  if (!isa<FloatType>(element))
    return {integerToInteger(b, x, element)};
  Type type = withLanes(b.getF32Type(), lanesOf(x));
  if (isTruth(x))
    return {arith::UIToFPOp::create(b, type, x)};
  return {arith::SIToFPOp::create(b, type, x)};
}

void scalar::attachRelations(MLIRContext *context) {
  attach<CompareOp, emitCompare>(context);
  attach<AndOp, emitLogical<AndOp, arith::AndIOp>>(context);
  attach<OrOp, emitLogical<OrOp, arith::OrIOp>>(context);
  attach<XorOp, emitLogical<XorOp, arith::XOrIOp>>(context);
  attach<NotOp, emitNot>(context);
  attach<IsNanOp, emitIsNan>(context);
  attach<IsInfOp, emitIsInf>(context);
  attach<MaxOp,
         emitExtremum<MaxOp, arith::MaximumFOp, arith::MaxSIOp, arith::OrIOp>,
         true>(context);
  attach<MinOp,
         emitExtremum<MinOp, arith::MinimumFOp, arith::MinSIOp, arith::AndIOp>,
         true>(context);
  attach<ConvertOp, emitConvert>(context);
}
