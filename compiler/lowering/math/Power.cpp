// pow, with log2(x) and its product with y as sums of two f32: the product may
// be as large as 128, and its fraction alone becomes the result's digits.
#include "compiler/lowering/math/FloatMath.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

namespace {
/// high + low, |low| at most half a unit in the last place of high.
struct Pair {
  Value high, low;
};
} // namespace

// |x| >= |y| or x = 0.
static Pair fastSum(FloatMath &m, Value x, Value y) {
  Value sum = m.add(x, y);
  return {sum, m.sub(y, m.sub(sum, x))};
}

static Pair product(FloatMath &m, Value x, Value y) {
  Value high = m.mul(x, y);
  return {high, m.fma(x, y, m.neg(high))};
}

// Without the product of the low parts; the low part may be a few units in the
// last place of the high one.
static Pair product(FloatMath &m, Pair x, Pair y) {
  auto [high, low] = product(m, x.high, y.high);
  low = m.fma(x.high, y.low, low);
  return {high, m.fma(x.low, y.high, low)};
}

// f / (2 + f): a quotient that is right but for a unit in the last place, and
// what it leaves.
static Pair quotientOf(FloatMath &m, Value f) {
  auto [high, low] = fastSum(m, m.number(2), f);
  Value inverse = newtonReciprocal(m, high), rough = m.mul(f, inverse);
  Value quotient = m.fma(m.fma(m.neg(rough), high, f), inverse, rough);
  Value rest = m.fma(m.neg(quotient), high, f);
  rest = m.fma(m.neg(quotient), low, rest);
  return {quotient, m.mul(rest, inverse)};
}

// log2(1 + f) = 2 / ln 2 atanh(s) with s = f / (2 + f), |s| <= 0.1716. It is
// s (c + s^2 (c / 3 + s^2 p(s^2))) with c = 2 / ln 2, and p is c times a
// minimax polynomial (Sollya), off by 2^-36 of the whole. All but p is in
// pairs, which leaves an error below 2^-34.
static Pair log2OfSum(FloatMath &m, Value f) {
  Pair s = quotientOf(m, f);
  Pair square = product(m, s.high, s.high);
  square.low = m.fma(m.add(s.high, s.high), s.low, square.low);
  Value p =
      m.polynomial(square.high, {0.5770779848098755, 0.4122062027454376,
                                 0.32000505924224854, 0.28172704577445984});
  Pair third = fastSum(m, m.number(0x1.ec709ep-1), m.mul(square.high, p));
  third.low = m.add(third.low, m.number(-0x1.e2fe02p-28));
  Pair tail = product(m, square, third);
  Pair slope = fastSum(m, m.number(0x1.715476p1), tail.high);
  tail.low = m.add(tail.low, m.number(0x1.4ae0cp-25));
  slope.low = m.add(slope.low, tail.low);
  return product(m, s, slope);
}

// k is 0 or larger than the fraction.
static Pair log2Of(FloatMath &m, BinaryLog split) {
  Pair fraction = log2OfSum(m, split.f);
  Pair sum = fastSum(m, split.k, fraction.high);
  return {sum.high, m.add(sum.low, fraction.low)};
}

// 2^(high + low), 0 or infinite beyond the bounds. The polynomial is a minimax
// one on +-1/2 (Sollya), off by 2^-32.
static Value exp2Of(FloatMath &m, Pair x) {
  Value high = m.clamp(x.high, -160, 140);
  Value low = m.select(m.equal(high, x.high), x.low, m.number(0));
  auto [n, k] = m.nearestInteger(high, 1);
  Value r = m.add(m.sub(high, n), low);
  Value p = m.polynomial(
      r, {1, 0.693147182464599609375, 0.2402265071868896484375,
          0.0555040575563907623, 0.00961807835847139359, 0.00133372761774808168,
          0.000154559660586528480, 0.0000144766318044275976});
  return m.scale(p, k);
}

// |x|^y. Where log2 |x| is infinite, or y is, so is the product, and its low
// part has no meaning; 0 times infinity is NaN, and the cases below decide.
static Value wholeMagnitude(FloatMath &m, Value a, Value y) {
  Pair log = log2Of(m, splitExponent(m, a));
  log.high = logAtZeroAndInfinity(m, a, log.high);
  Pair power = product(m, log.high, y);
  Value low = m.fma(log.low, y, power.low);
  power.low = m.select(m.isFinite(power.high), low, m.number(0));
  return exp2Of(m, power);
}

Value mpc::logAtZeroAndInfinity(FloatMath &m, Value a, Value inside) {
  Value infinity = m.number(HUGE_VAL);
  inside = m.select(m.equal(a, m.number(0)), m.number(-HUGE_VAL), inside);
  return m.select(m.equal(a, infinity), infinity, inside);
}

Value mpc::wholePower(FloatMath &m, Value magnitude, Value x, Value y) {
  Value zero = m.number(0), one = m.number(1);
  Value half = m.mul(y, m.number(0.5)), result = magnitude;
  // An odd y keeps the sign of x, zeros and infinities included.
  Value isOdd = m.both(m.equal(m.floor(y), y), m.less(m.floor(half), half));
  result = m.select(isOdd, m.copySign(result, x), result);
  Value isNotReal = m.both(m.less(x, zero), m.isFinite(x));
  isNotReal = m.both(isNotReal, m.less(m.floor(y), y));
  result = m.select(isNotReal, m.number(NAN), result);
  result = m.select(m.isNan(x), x, m.select(m.isNan(y), y, result));
  // 1 to any power, anything to the power 0, -1 to an infinite one.
  Value isInfinite = m.equal(m.abs(y), m.number(HUGE_VAL));
  Value isUnit = m.equal(m.abs(x), one);
  result = m.select(m.both(isUnit, isInfinite), one, result);
  result = m.select(m.equal(x, one), one, result);
  return m.select(m.equal(y, zero), one, result);
}

// The sum has the lowest bit of y where that is an integer.
Value mpc::signedPower(FloatMath &m, Value power, Value x, Value y) {
  Value large = m.number(0x1.8p23), sum = m.add(y, large);
  Value odd = m.shiftLeft(m.bits(sum), m.integer(31));
  Value sign = m.andInt(odd, m.bits(x));
  Value result = m.fromBits(m.xorInt(m.bits(power), sign));
  Value isFraction = m.negate(m.equal(m.sub(sum, large), y));
  Value isNotReal = m.both(m.less(x, m.number(0)), isFraction);
  return m.select(isNotReal, m.number(NAN), result);
}

// What x of 0, subnormal or not finite, or a large y need, most do without.
Value mpc::expandPow(FloatMath &m, Value x, Value y) {
  Value a = m.abs(x);
  Value isOrdinary = m.both(m.lessOrEqual(m.number(0x1p-126), a),
                            m.lessOrEqual(a, m.number(0x1.fffffep127)));
  isOrdinary = m.both(isOrdinary, m.lessOrEqual(m.abs(y), m.number(0x1p22)));
  auto usual = [&](FloatMath &inner) {
    BinaryLog split = shortSplit(inner, a);
    split.k = inner.mul(split.k, inner.number(0x1p-23));
    Pair log = log2Of(inner, split), power = product(inner, log.high, y);
    power.low = inner.fma(log.low, y, power.low);
    return signedPower(inner, exp2Of(inner, power), x, y);
  };
  auto rare = [&](FloatMath &inner) {
    return wholePower(inner, wholeMagnitude(inner, a, y), x, y);
  };
  return unlessRare(m, m.negate(isOrdinary), rare, usual);
}
