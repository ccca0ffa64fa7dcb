#include "compiler/lowering/math/FloatMath.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;

Type FloatMath::f32() { return withLanes(b.getF32Type(), lanes); }

Value FloatMath::number(double value) {
  return f32Constant(b, loc, value, lanes);
}
Value FloatMath::integer(int64_t value, unsigned width) {
  return intConstant(b, loc, b.getIntegerType(width), value, lanes);
}

Value FloatMath::add(Value x, Value y) {
  return arith::AddFOp::create(b, loc, x, y);
}
Value FloatMath::sub(Value x, Value y) {
  return arith::SubFOp::create(b, loc, x, y);
}
Value FloatMath::mul(Value x, Value y) {
  return arith::MulFOp::create(b, loc, x, y);
}
Value FloatMath::div(Value x, Value y) {
  return arith::DivFOp::create(b, loc, x, y);
}
Value FloatMath::fma(Value x, Value y, Value z) {
  return math::FmaOp::create(b, loc, x, y, z);
}
Value FloatMath::neg(Value x) { return arith::NegFOp::create(b, loc, x); }
Value FloatMath::abs(Value x) { return math::AbsFOp::create(b, loc, x); }
Value FloatMath::sqrt(Value x) { return math::SqrtOp::create(b, loc, x); }
Value FloatMath::floor(Value x) { return math::FloorOp::create(b, loc, x); }
Value FloatMath::flipSign(Value x, Value sign) {
  Value bit = andInt(bits(sign), integer(INT32_MIN));
  return fromBits(xorInt(bits(x), bit));
}
Value FloatMath::copySign(Value magnitude, Value sign) {
  return math::CopySignOp::create(b, loc, magnitude, sign);
}

Value FloatMath::power(Value biased) {
  return fromBits(shiftLeft(biased, integer(23)));
}

Value FloatMath::polynomial(Value x, ArrayRef<double> c) {
  Value sum = number(c.back());
  for (double coefficient : llvm::reverse(c.drop_back()))
    sum = fma(sum, x, number(coefficient));
  return sum;
}

Value FloatMath::scale(Value x, Value k) {
  Value half = shiftRight(k, integer(1));
  auto of = [&](Value exponent) {
    return power(addInt(exponent, integer(127)));
  };
  return mul(mul(x, of(half)), of(subInt(k, half)));
}

static Value compare(FloatMath &m, arith::CmpFPredicate predicate, Value x,
                     Value y) {
  return arith::CmpFOp::create(m.b, m.loc, predicate, x, y);
}
Value FloatMath::less(Value x, Value y) {
  return compare(*this, arith::CmpFPredicate::OLT, x, y);
}
Value FloatMath::greater(Value x, Value y) {
  return compare(*this, arith::CmpFPredicate::OGT, x, y);
}
Value FloatMath::lessOrEqual(Value x, Value y) {
  return compare(*this, arith::CmpFPredicate::OLE, x, y);
}
Value FloatMath::equal(Value x, Value y) {
  return compare(*this, arith::CmpFPredicate::OEQ, x, y);
}
Value FloatMath::isNan(Value x) {
  return compare(*this, arith::CmpFPredicate::UNO, x, x);
}
Value FloatMath::isFinite(Value x) { return less(abs(x), number(HUGE_VAL)); }
Value FloatMath::both(Value p, Value q) {
  return arith::AndIOp::create(b, loc, p, q);
}
Value FloatMath::either(Value p, Value q) {
  return arith::OrIOp::create(b, loc, p, q);
}
Value FloatMath::negate(Value p) {
  return arith::XOrIOp::create(b, loc, p, integer(1, 1));
}
Value FloatMath::any(Value p) {
  if (lanes == 1)
    return p;
  Value any = vector::ExtractOp::create(b, loc, p, 0);
  for (int64_t i = 1; i < lanes; ++i)
    any = arith::OrIOp::create(b, loc, any,
                               vector::ExtractOp::create(b, loc, p, i));
  return any;
}
Value FloatMath::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, loc, condition, x, y);
}
Value FloatMath::clamp(Value x, double low, double high) {
  x = select(less(x, number(low)), number(low), x);
  return select(greater(x, number(high)), number(high), x);
}

Value FloatMath::bits(Value x) {
  return arith::BitcastOp::create(b, loc, withLanes(b.getI32Type(), lanes), x);
}
Value FloatMath::fromBits(Value x) {
  return arith::BitcastOp::create(b, loc, f32(), x);
}
Value FloatMath::addInt(Value x, Value y) {
  return arith::AddIOp::create(b, loc, x, y);
}
Value FloatMath::subInt(Value x, Value y) {
  return arith::SubIOp::create(b, loc, x, y);
}
Value FloatMath::andInt(Value x, Value y) {
  return arith::AndIOp::create(b, loc, x, y);
}
Value FloatMath::orInt(Value x, Value y) {
  return arith::OrIOp::create(b, loc, x, y);
}
Value FloatMath::xorInt(Value x, Value y) {
  return arith::XOrIOp::create(b, loc, x, y);
}
Value FloatMath::shiftLeft(Value x, Value y) {
  return arith::ShLIOp::create(b, loc, x, y);
}
Value FloatMath::shiftRight(Value x, Value y) {
  return arith::ShRSIOp::create(b, loc, x, y);
}
Value FloatMath::equalInt(Value x, Value y) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, x, y);
}
Value FloatMath::toFloat(Value x) {
  return arith::SIToFPOp::create(b, loc, f32(), x);
}

// Adding 1.5 * 2^23 leaves the integer in the lowest bits of the sum.
std::pair<Value, Value> FloatMath::nearestInteger(Value x, double factor) {
  Value shift = number(0x1.8p23);
  Value sum = fma(x, number(factor), shift);
  return {sub(sum, shift), subInt(bits(sum), bits(shift))};
}

Value mpc::unlessRare(FloatMath &m, Value isRare,
                      llvm::function_ref<Value(FloatMath &)> exact,
                      llvm::function_ref<Value(FloatMath &)> usual) {
  // The op is there before its branches, which ask what they are for.
  auto op = scf::IfOp::create(m.b, m.loc, withLanes(m.b.getF32Type(), m.lanes),
                              m.any(isRare), /*withElseRegion=*/true);
  auto fill = [&](OpBuilder b, llvm::function_ref<Value(FloatMath &)> result) {
    FloatMath inner(b, m.loc, m.lanes);
    scf::YieldOp::create(b, m.loc, result(inner));
  };
  fill(op.getThenBodyBuilder(m.b.getListener()), exact);
  fill(op.getElseBodyBuilder(m.b.getListener()), usual);
  return op.getResult(0);
}
