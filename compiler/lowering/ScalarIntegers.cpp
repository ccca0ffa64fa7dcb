// Quotients and remainders. Integers never trap: where the divisor is 0 the
// result is 0, and the quotient by -1 that overflows wraps.
#include "compiler/lowering/ScalarModels.h"
#include "compiler/lowering/math/FloatMath.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

static Value isEqual(B &b, Value x, int64_t value) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x,
                               integerLike(b, x, value));
}

// Divides by 1 where the divisor is 0 or -1 and gives these cases themselves.
template <typename IntOp>
static Value emitGuarded(B &b, Value x, Value y, Value byMinusOne) {
  Value zero = integerLike(b, x, 0), one = integerLike(b, x, 1);
  Value isZero = isEqual(b, y, 0), isMinusOne = isEqual(b, y, -1);
  Value unsafe = arith::OrIOp::create(b, isZero, isMinusOne);
  Value result = IntOp::create(b, x, select(b, unsafe, one, y));
  result = select(b, isMinusOne, byMinusOne, result);
  return select(b, isZero, zero, result);
}

static Value emitQuotient(B &b, Value x, Value y) {
  // 1 / 1 is all there is, and -1 is 1.
  if (getElementTypeOrSelf(x.getType()).isInteger(1))
    return arith::AndIOp::create(b, x, y);
  Value negated = arith::SubIOp::create(b, integerLike(b, x, 0), x);
  return emitGuarded<arith::DivSIOp>(b, x, y, negated);
}

static Value emitRemainder(B &b, Value x, Value y) {
  Value zero = integerLike(b, x, 0);
  if (getElementTypeOrSelf(x.getType()).isInteger(1))
    return zero;
  return emitGuarded<arith::RemSIOp>(b, x, y, zero);
}

// The sign of the divisor.
static Value emitModulus(B &b, Value x, Value y) {
  Value rest = emitRemainder(b, x, y), zero = integerLike(b, x, 0);
  Value differs = arith::CmpIOp::create(
      b, arith::CmpIPredicate::slt, arith::XOrIOp::create(b, rest, y), zero);
  Value isRest = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rest, zero);
  return select(b, arith::AndIOp::create(b, differs, isRest),
                arith::AddIOp::create(b, rest, y), rest);
}

static Elements emitDiv(DivOp op, B &b, Operands o) {
  if (isa<FloatType>(elementTypeOf(op.getResult())))
    return {div(b, o[0], o[1])};
  return {emitQuotient(b, o[0], o[1])};
}

static Elements emitFmod(FmodOp op, B &b, Operands o) {
  if (!isa<FloatType>(elementTypeOf(op.getResult())))
    return {emitRemainder(b, o[0], o[1])};
  FloatMath m(b, b.getLoc(), lanesOf(o[0]));
  return {expandFmod(m, o[0], o[1])};
}

static Elements emitMod(ModOp op, B &b, Operands o) {
  if (!isa<FloatType>(elementTypeOf(op.getResult())))
    return {emitModulus(b, o[0], o[1])};
  FloatMath m(b, b.getLoc(), lanesOf(o[0]));
  return {expandMod(m, o[0], o[1])};
}

void scalar::attachIntegers(MLIRContext *context) {
  attach<DivOp, emitDiv>(context);
  attach<FmodOp, emitFmod>(context);
  attach<ModOp, emitMod>(context);
}
