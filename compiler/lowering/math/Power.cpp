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

// Without the product of the low parts.
static Pair product(FloatMath &m, Pair x, Pair y) {
  auto [high, low] = product(m, x.high, y.high);
  low = m.fma(x.high, y.low, low);
  low = m.fma(x.low, y.high, low);
  return fastSum(m, high, low);
}

// log(1 + f) = 2 atanh(s) with s = f / (2 + f), |s| <= 0.1716. atanh(s) is
// s + s^3 (1/3 + s^2 p(s^2)), p a minimax polynomial (Sollya) off by 2^-36 of
// atanh. All but p is in pairs, which leaves an error below 2^-35.
static Pair logOfSum(FloatMath &m, Value f) {
  Value two = m.number(2);
  auto [high, low] = fastSum(m, two, f);
  Value quotient = m.div(f, high);
  Value rest = m.fma(m.neg(quotient), high, f);
  rest = m.fma(m.neg(quotient), low, rest);
  Pair s = fastSum(m, quotient, m.div(rest, high));

  Pair square = product(m, s, s);
  Value p = m.polynomial(square.high, {0.199999988079071044921875,
                                       0.1428597867488861083984375,
                                       0.11090530455112457275390625,
                                       0.09763915836811065673828125});
  static constexpr double third = 0.3333333432674407958984375;
  Pair factor = fastSum(m, m.number(third), m.mul(square.high, p));
  factor.low = m.add(factor.low, m.number(1.0 / 3 - third));
  Pair cubic = product(m, product(m, square, s), factor);
  Pair sum = fastSum(m, s.high, cubic.high);
  sum.low = m.add(sum.low, m.add(s.low, cubic.low));
  sum = fastSum(m, sum.high, sum.low);
  return {m.add(sum.high, sum.high), m.add(sum.low, sum.low)};
}

static Pair log2Of(FloatMath &m, Value x) {
  auto [f, k] = splitExponent(m, x);
  Pair log2e = {m.number(0x1.715476p0), m.number(0x1.4ae0cp-26)};
  Pair fraction = product(m, logOfSum(m, f), log2e);
  // k is 0 or larger than the fraction.
  Pair sum = fastSum(m, k, fraction.high);
  return fastSum(m, sum.high, m.add(sum.low, fraction.low));
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

// The magnitude of the result: |x|^y. Where log2 |x| is infinite, or y is, so
// is the product, and its low part has no meaning; 0 times infinity is NaN, and
// the cases below decide.
static Value magnitude(FloatMath &m, Value a, Value y) {
  Value zero = m.number(0), infinity = m.number(HUGE_VAL);
  Pair log = log2Of(m, a);
  Value isZero = m.equal(a, zero), isInfinite = m.equal(a, infinity);
  log.high = m.select(isZero, m.number(-HUGE_VAL), log.high);
  log.high = m.select(isInfinite, infinity, log.high);
  Pair power = product(m, log.high, y);
  Value low = m.fma(log.low, y, power.low);
  power.low = m.select(m.isFinite(power.high), low, zero);
  return exp2Of(m, power);
}

Value mpc::expandPow(FloatMath &m, Value x, Value y) {
  Value zero = m.number(0), one = m.number(1);
  Value a = m.abs(x);
  Value result = magnitude(m, a, y);
  Value half = m.mul(y, m.number(0.5));
  // An odd y keeps the sign of x, zeros and infinities included.
  Value isOdd = m.both(m.equal(m.floor(y), y), m.less(m.floor(half), half));
  result = m.select(isOdd, m.copySign(result, x), result);
  Value isNotReal = m.both(m.less(x, zero), m.isFinite(x));
  isNotReal = m.both(isNotReal, m.less(m.floor(y), y));
  result = m.select(isNotReal, m.number(NAN), result);
  result = m.select(m.isNan(x), x, m.select(m.isNan(y), y, result));
  // 1 to any power, anything to the power 0, -1 to an infinite one.
  Value isInfinite = m.equal(m.abs(y), m.number(HUGE_VAL));
  result = m.select(m.both(m.equal(a, one), isInfinite), one, result);
  result = m.select(m.equal(x, one), one, result);
  return m.select(m.equal(y, zero), one, result);
}
