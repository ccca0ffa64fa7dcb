// pow, with log2(x) and its product with y as sums of two f32: the product may
// be as large as 128, and its fraction alone becomes the result's digits.
#include "compiler/lowering/math/FloatMath.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

namespace {
/// high + low, |low| at most 2^-20 of high.
struct Pair {
  Value high, low;
};
} // namespace

static Pair product(FloatMath &m, Value x, Value y) {
  Value high = m.mul(x, y);
  return {high, m.fma(x, y, m.neg(high))};
}

// start + x y, |x y| at most |start| or start = 0. What rounding leaves is one
// number, since the difference to the start is exact.
static Pair sumWithProduct(FloatMath &m, Value start, Value x, Value y) {
  Value high = m.fma(x, y, start);
  return {high, m.fma(x, y, m.sub(start, high))};
}

// f / (2 + f): a quotient up to 2^-20 of it, and what it leaves. f - 2 q is
// exact, as 2 q is within a half and twice of f.
static Pair quotientOf(FloatMath &m, Value f) {
  Value inverse = newtonReciprocal(m, m.add(m.number(2), f));
  Value quotient = m.mul(f, inverse);
  Value beside = m.fma(m.number(-2), quotient, f);
  Value rest = m.fma(m.neg(quotient), f, beside);
  return {quotient, m.mul(rest, inverse)};
}

// k + log2(1 + f), where the latter is 2 / ln 2 atanh(s) with s = f / (2 + f),
// |s| <= 0.1716. It is s (c + s^2 (c / 3 + s^2 p(s^2))) with c = 2 / ln 2, and
// p is c times a minimax polynomial (Sollya), off by 2^-40 of the whole, but
// for its first coefficient, which is less by 2.98e-7: that stands for what c /
// 3 is off as an f32, up to 2^-35.7 of the whole. All but p is in pairs, which
// leaves an error below 2^-32.5. k is 0 or larger than the fraction.
static Pair log2Of(FloatMath &m, BinaryLog split) {
  Pair s = quotientOf(m, split.f);
  Pair square = product(m, s.high, s.high);
  square.low = m.fma(m.add(s.high, s.high), s.low, square.low);
  Value p =
      m.polynomial(square.high, {0.5770776867866516, 0.4122062027454376,
                                 0.32000505924224854, 0.28172704577445984});
  Pair third = sumWithProduct(m, m.number(0x1.ec709ep-1), square.high, p);
  Pair slope =
      sumWithProduct(m, m.number(0x1.715476p1), square.high, third.high);
  slope.low = m.fma(square.high, third.low, slope.low);
  Value rest = m.fma(square.low, third.high, m.number(0x1.4ae0cp-25));
  slope.low = m.add(slope.low, rest);
  Pair log = sumWithProduct(m, split.k, s.high, slope.high);
  log.low = m.fma(s.high, slope.low, log.low);
  log.low = m.fma(s.low, slope.high, log.low);
  return log;
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

// What x of 0, subnormal or not finite, a large y, or a result that leaves the
// normal numbers need, most do without. The integer next to y log2 |x| stands
// in the lowest bits of a sum, with the exponent's bias.
Value mpc::expandPow(FloatMath &m, Value x, Value y) {
  Value a = m.abs(x);
  BinaryLog split = shortSplit(m, a);
  // The exponent tells of 0, infinity and NaN, and of subnormal numbers with
  // some of their neighbours.
  Value isOrdinary = m.lessOrEqual(m.abs(split.k), m.number(125 * 0x1p23));
  isOrdinary = m.both(isOrdinary, m.lessOrEqual(m.abs(y), m.number(0x1p22)));
  split.k = m.mul(split.k, m.number(0x1p-23));
  Pair log = log2Of(m, split);
  Value large = m.number(0x1.8p23 + 127), sum = m.fma(log.high, y, large);
  Value n = m.sub(sum, large);
  isOrdinary = m.both(isOrdinary, m.lessOrEqual(m.abs(n), m.number(125)));
  Value r = m.fma(log.low, y, m.fma(log.high, y, m.neg(n)));
  Value power = m.power(m.bits(sum));
  Value result = signedPower(m, m.mul(exp2Near(m, r), power), x, y);
  auto usual = [&](FloatMath &) { return result; };
  // The result stays where it is, and what it is made of in registers, if it
  // is asked for here as well.
  auto rare = [&](FloatMath &inner) {
    Value whole = wholePower(inner, wholeMagnitude(inner, a, y), x, y);
    return inner.select(isOrdinary, result, whole);
  };
  return unlessRare(m, m.negate(isOrdinary), rare, usual);
}
