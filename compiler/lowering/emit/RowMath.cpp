#include "compiler/lowering/emit/RowMath.h"
#include "compiler/lowering/math/FloatMath.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

Value RowMath::add(Value x, Value y) {
  return arith::AddFOp::create(k.b, k.loc, x, y);
}
Value RowMath::addTerm(Value sum, Value term) {
  return arith::AddFOp::create(k.b, k.loc, sum, term,
                               arith::FastMathFlags::nsz);
}
Value RowMath::sub(Value x, Value y) {
  return arith::SubFOp::create(k.b, k.loc, x, y);
}
Value RowMath::mul(Value x, Value y) {
  return arith::MulFOp::create(k.b, k.loc, x, y);
}
Value RowMath::div(Value x, Value y) {
  return arith::DivFOp::create(k.b, k.loc, x, y);
}
Value RowMath::fma(Value x, Value y, Value z) {
  return math::FmaOp::create(k.b, k.loc, x, y, z);
}
Value RowMath::max(Value x, Value y) {
  return arith::MaximumFOp::create(k.b, k.loc, x, y);
}
Value RowMath::exp(Value x) { return math::ExpOp::create(k.b, k.loc, x); }
Value RowMath::lowExp(Value x) {
  FloatMath m(k.b, k.loc, lanesOf(x));
  return expandLowExp(m, x);
}
Value RowMath::logOfSum(Value x) {
  FloatMath m(k.b, k.loc, lanesOf(x));
  return expandLogOfNormal(m, x);
}
Value RowMath::inverseRoot(Value x) {
  return div(number(1, lanesOf(x)), math::SqrtOp::create(k.b, k.loc, x));
}
Value RowMath::number(double value, int64_t lanes) {
  return f32Constant(k.b, k.loc, value, lanes);
}
Value RowMath::spread(Value x, int64_t lanes) {
  return broadcastLanes(k.b, k.loc, x, lanes);
}

// Below the bound nothing is left of a quotient by something that is at least
// 2^shift, nor does it count in a sum.
Value RowMath::shortExp(Value x, int64_t shift) {
  FloatMath m(k.b, k.loc, lanesOf(x));
  double bound = -M_LN2 * double(124 + shift);
  ShortPower e = shortExp2(m, x, m.number(M_LOG2E), shift, bound);
  return m.mul(e.factor, e.power);
}

Value RowMath::shortInverse(Value x) {
  FloatMath m(k.b, k.loc, lanesOf(x));
  return shortReciprocal(m, x);
}
