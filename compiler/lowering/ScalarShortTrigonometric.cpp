// sin, cos, tan and their inverses: short forms, and those of the derivatives
// of the inverses.
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/ScalarShortParts.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

//===-- sin, cos, tan -----------------------------------------------------===//

// pi in three parts of 24 bits, all positive so that -0 remains. Up to 2^16 the
// difference to the first product is exact, and no number of 16 bits comes so
// near to a zero that the rest is lost, as in the exact reduction. The few
// beyond it take the exact form.
static constexpr double piParts[] = {0x1.921fb4p1, 0x1.4442dp-23,
                                     0x1.84698ap-47};
static constexpr double nearLimit = 0x1p16;

static Value isFar(FloatMath &m, Value x) {
  return m.negate(m.lessOrEqual(m.abs(x), m.number(nearLimit)));
}

// x - n pi / divisor
static Value without(FloatMath &m, Value x, Value n, double divisor = 1) {
  for (double part : piParts)
    x = m.fma(n, m.number(-part / divisor), x);
  return x;
}

// (-1)^k sin(r) with r between -pi/2 and pi/2, where k is the lowest bit of
// `sum`: an odd minimax polynomial, off by 2^-20.
static Value alternatingSine(FloatMath &m, Value r, Value sum) {
  Value p = m.polynomial(m.mul(r, r),
                         {0.99999904632568359375, -0.16665549576282501220703125,
                          8.3118639886379241943359375e-3,
                          -1.84873220860026776790618896484375e-4});
  Value sign = m.shiftLeft(m.bits(sum), m.integer(31));
  return m.fromBits(m.xorInt(m.bits(m.mul(r, p)), sign));
}

static Value nearSin(FloatMath &m, Value x) {
  Value large = m.number(0x1.8p23);
  Value sum = m.fma(x, m.number(M_1_PI), large);
  return alternatingSine(m, without(m, x, m.sub(sum, large)), sum);
}

// Of n = k - 1/2: cos(n pi + r) = (-1)^k sin(r).
static Value nearCos(FloatMath &m, Value x) {
  Value large = m.number(0x1.8p23), half = m.number(0.5);
  Value sum = m.add(m.fma(x, m.number(M_1_PI), half), large);
  Value n = m.sub(m.sub(sum, large), half);
  return alternatingSine(m, without(m, x, n), sum);
}

// x = k pi / 2 + r with r between -pi/4 and pi/4. tan(r) is a quotient in r^2,
// the Pade approximant, off by 2^-18.8; where k is odd, the result is minus its
// inverse.
static Value nearTan(FloatMath &m, Value x) {
  Value large = m.number(0x1.8p23);
  Value sum = m.fma(x, m.number(M_2_PI), large);
  Value r = without(m, x, m.sub(sum, large), 2), square = m.mul(r, r);
  Value p = m.mul(r, m.polynomial(square, {1, -10.0 / 105}));
  Value q = m.polynomial(square, {1, -45.0 / 105, 1.0 / 105});
  Value one = m.integer(1);
  Value isOdd = m.equalInt(m.andInt(m.bits(sum), one), one);
  Value numerator = m.select(isOdd, m.neg(q), p);
  return m.mul(numerator, shortReciprocal(m, m.select(isOdd, p, q)));
}

// On a GPU of one lane after another: together they would take so many
// registers that the usual ones felt it.
template <typename ExactOp> static Value exactly(FloatMath &m, Value x) {
  if (m.lanes == 1 || !isForGpu(m))
    return ExactOp::create(m.b, m.loc, x);
  auto number = [&](int64_t n) { return indexConstant(m.b, m.loc, n); };
  return scf::ForOp::create(
             m.b, m.loc, number(0), number(m.lanes), number(1), x,
             [](OpBuilder &b, Location loc, Value lane, ValueRange so) {
               Value in = vector::ExtractOp::create(b, loc, so[0], lane);
               Value out = ExactOp::create(b, loc, in);
               Value next = vector::InsertOp::create(b, loc, out, so[0], lane);
               scf::YieldOp::create(b, loc, next);
             })
      .getResult(0);
}

template <typename ExactOp>
static Value unlessFar(FloatMath &m, Value x,
                       llvm::function_ref<Value(FloatMath &, Value)> near) {
  auto exact = [&](FloatMath &inner) { return exactly<ExactOp>(inner, x); };
  auto usual = [&](FloatMath &inner) { return near(inner, x); };
  return unlessRare(m, isFar(m, x), exact, usual);
}

Value scalar::shortSin(FloatMath &m, Value x) {
  return unlessFar<math::SinOp>(m, x, nearSin);
}
Value scalar::shortCos(FloatMath &m, Value x) {
  return unlessFar<math::CosOp>(m, x, nearCos);
}
Value scalar::shortTan(FloatMath &m, Value x) {
  return unlessFar<math::TanOp>(m, x, nearTan);
}

//===-- asin, acos, atan --------------------------------------------------===//

// asin(z) up to 1/2, a minimax polynomial off by 2^-19.3; beyond that pi/2 less
// twice that of z = sqrt((1 - a) / 2) with a = |x|. Roots are NaN beyond 1.
Value scalar::shortAsin(FloatMath &m, Value x) {
  Value a = m.abs(x), half = m.number(0.5);
  Value isHigh = m.greater(a, half);
  Value rest = m.fma(m.neg(half), a, half);
  Value square = m.select(isHigh, rest, m.mul(x, x));
  Value twice = m.mul(shortRoots(m, rest).root, m.number(-2));
  Value z = m.select(isHigh, twice, a);
  Value p = m.polynomial(
      square, {0.999998509883880615234375, 0.166851580142974853515625,
               7.1488924324512481689453125e-2, 6.5056324005126953125e-2});
  Value start = m.select(isHigh, m.number(M_PI_2), m.number(0));
  Value y = m.fma(z, p, start);
  return m.flipSign(y, x);
}

// sqrt(1 - a) p(a) with a = |x|, p minimax and off by 2^-20.3; pi less that for
// negative x.
Value scalar::shortAcos(FloatMath &m, Value x) {
  Value a = m.abs(x);
  Value root = shortRoots(m, m.sub(m.number(1), a)).root;
  Value p = m.polynomial(
      a, {1.57079517841339111328125, -0.21450997889041900634765625,
          8.78556668758392333984375e-2, -4.489909112453460693359375e-2,
          1.928029954433441162109375e-2, -4.3095736764371395111083984375e-3});
  Value y = m.mul(root, p);
  Value isNegative = m.less(x, m.number(0));
  return m.select(isNegative, m.sub(m.number(M_PI), y), y);
}

// Of 1 / |x| beyond 1, as pi/2 less that: a minimax polynomial, off by 2^-20.5.
Value scalar::shortAtan(FloatMath &m, Value x) {
  Value a = atMost(m, m.abs(x), 0x1p60), one = m.number(1);
  Value isHigh = m.greater(a, one);
  Value z = m.select(isHigh, shortReciprocal(m, a), a);
  Value p = m.polynomial(
      m.mul(z, z),
      {0.999999344348907470703125, -0.3332650661468505859375,
       0.19881419837474822998046875, -0.1348698139190673828125,
       8.3867706358432769775390625e-2, -3.7010200321674346923828125e-2,
       7.86250643432140350341796875e-3});
  Value y = m.mul(z, p);
  y = m.select(isHigh, m.sub(m.number(M_PI_2), y), y);
  return m.flipSign(y, x);
}

// 1 / sqrt(1 - x^2)
Value scalar::shortAsinSlope(FloatMath &m, Value x) {
  return shortRoots(m, m.fma(m.neg(x), x, m.number(1))).inverse;
}

// 1 / (1 + x^2)
Value scalar::shortAtanSlope(FloatMath &m, Value x) {
  x = within(m, x, 0x1p60);
  return shortReciprocal(m, m.fma(x, x, m.number(1)));
}
