// Powers of floats and integers.
#include "compiler/lowering/ScalarModels.h"
#include "compiler/lowering/ScalarShort.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

// The exponent, if it is one number that is known.
static std::optional<double> knownExponent(PowOp op) {
  auto constant = op.getRhs().getDefiningOp<ConstantOp>();
  auto value = constant ? dyn_cast<SplatElementsAttr>(constant.getValue())
                        : SplatElementsAttr();
  if (!value)
    return std::nullopt;
  return value.getSplatValue<FloatAttr>().getValueAsDouble();
}

// x^3, with what rounding x^2 loses added unless the result is infinite.
static Value emitCube(B &b, Value x) {
  Value square = mul(b, x, x), plain = mul(b, square, x);
  Value lost = math::FmaOp::create(b, x, x, arith::NegFOp::create(b, square));
  Value cube = math::FmaOp::create(b, square, x, mul(b, lost, x));
  Value isFinite =
      compare(b, arith::CmpFPredicate::OLT, math::AbsFOp::create(b, plain),
              constantLike(b, x, HUGE_VAL));
  return select(b, isFinite, cube, plain);
}

// Of -0 it is +0, and of -inf +inf.
static Value emitRoot(B &b, Value x) {
  Value root = math::SqrtOp::create(b, x);
  Value positive = add(b, root, constantLike(b, x, 0));
  Value isLow =
      compare(b, arith::CmpFPredicate::OEQ, x, constantLike(b, x, -HUGE_VAL));
  return select(b, isLow, constantLike(b, x, HUGE_VAL), positive);
}

// Powers that few operations give, no less exact than pow does.
static Value emitKnownPower(B &b, Value x, double exponent) {
  if (exponent == -1)
    return div(b, constantLike(b, x, 1), x);
  if (exponent == 0.5)
    return emitRoot(b, x);
  if (exponent == 1)
    return x;
  if (exponent == 2)
    return mul(b, x, x);
  if (exponent == 3)
    return emitCube(b, x);
  return {};
}

static Value isAnyPositive(OpBuilder &b, Location loc, Value x) {
  int64_t lanes = lanesOf(x);
  Type element = getElementTypeOrSelf(x.getType());
  Value positive =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, x,
                            intConstant(b, loc, element, 0, lanes));
  if (lanes == 1)
    return positive;
  return vector::ReductionOp::create(b, loc, vector::CombiningKind::OR,
                                     positive);
}

// By repeated squaring until no lane has a bit left; 1 for exponents below 1.
static Value emitWrappingPower(B &b, Value x, Value exponent) {
  Value one = integerLike(b, x, 1);
  Type type = x.getType();
  auto loop = scf::WhileOp::create(
      b, TypeRange{type, type, type}, ValueRange{one, x, exponent},
      [&](OpBuilder &nested, Location at, ValueRange v) {
        scf::ConditionOp::create(nested, at, isAnyPositive(nested, at, v[2]),
                                 v);
      },
      [&](OpBuilder &nested, Location at, ValueRange v) {
        Value bit = arith::AndIOp::create(nested, at, v[2], one);
        Value isOdd = arith::CmpIOp::create(nested, at,
                                            arith::CmpIPredicate::eq, bit, one);
        Value times = arith::MulIOp::create(nested, at, v[0], v[1]);
        Value power = arith::SelectOp::create(nested, at, isOdd, times, v[0]);
        Value square = arith::MulIOp::create(nested, at, v[1], v[1]);
        Value half = arith::ShRSIOp::create(nested, at, v[2], one);
        scf::YieldOp::create(nested, at, ValueRange{power, square, half});
      });
  return loop.getResult(0);
}

// A negative exponent gives 0, but 1 for 1 and either sign for -1.
static Value emitIntegerPower(B &b, Value x, Value exponent) {
  using P = arith::CmpIPredicate;
  if (getElementTypeOrSelf(x.getType()).isInteger(1)) {
    Value isZero = arith::XOrIOp::create(b, exponent, integerLike(b, x, 1));
    return arith::OrIOp::create(b, x, isZero);
  }
  Value zero = integerLike(b, x, 0), one = integerLike(b, x, 1);
  Value isNegative = arith::CmpIOp::create(b, P::slt, exponent, zero);
  Value odd = arith::AndIOp::create(b, exponent, one);
  // x^odd is x^exponent for both units, the sign of the exponent aside.
  Value steps = select(b, isNegative, odd, exponent);
  Value power = emitWrappingPower(b, x, steps);
  Value isUnit = arith::OrIOp::create(
      b, arith::CmpIOp::create(b, P::eq, x, one),
      arith::CmpIOp::create(b, P::eq, x, integerLike(b, x, -1)));
  Value inverse = select(b, isUnit, power, zero);
  return select(b, isNegative, inverse, power);
}

static Elements emitPow(PowOp op, B &b, Operands o) {
  if (!isa<FloatType>(elementTypeOf(op.getResult())))
    return {emitIntegerPower(b, o[0], o[1])};
  if (std::optional<double> exponent = knownExponent(op))
    if (Value power = emitKnownPower(b, o[0], *exponent))
      return {power};
  auto isShort = [](Value value) {
    return hasShortForms(elementTypeOf(value));
  };
  if (isShort(op.getLhs()) && isShort(op.getRhs()) && isShort(op.getResult())) {
    FloatMath m(b, b.getLoc(), lanesOf(o[0]));
    return {shortPow(m, o[0], o[1], elementTypeOf(op.getResult()))};
  }
  return {math::PowFOp::create(b, o[0], o[1])};
}

void scalar::attachPowers(MLIRContext *context) {
  attach<PowOp, emitPow, /*exact=*/false, /*isLong=*/true>(context);
}
