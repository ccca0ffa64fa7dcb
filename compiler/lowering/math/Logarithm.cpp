// log and the inverses of the hyperbolic functions.
#include "compiler/lowering/math/FloatMath.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

// 0x3f3504f3 is sqrt(1/2). A subnormal is made normal first.
BinaryLog mpc::splitExponent(FloatMath &m, Value x) {
  Value isSmall = m.less(x, m.number(0x1p-126));
  x = m.select(isSmall, m.mul(x, m.number(0x1p23)), x);
  Value bits = m.bits(x);
  Value e = m.shiftRight(m.subInt(bits, m.integer(0x3f3504f3)), m.integer(23));
  Value mantissa = m.fromBits(m.subInt(bits, m.shiftLeft(e, m.integer(23))));
  Value lift = m.select(isSmall, m.number(-23), m.number(0));
  return {m.sub(mantissa, m.number(1)), m.add(m.toFloat(e), lift)};
}

// What log is outside of 0 < x < inf: -inf at 0, NaN below, x itself else.
static Value logAtTheEnds(FloatMath &m, Value x, Value inside) {
  Value zero = m.number(0);
  Value end = m.select(m.less(x, zero), m.number(NAN), x);
  end = m.select(m.equal(x, zero), m.number(-HUGE_VAL), end);
  Value isInside = m.both(m.greater(x, zero), m.isFinite(x));
  return m.select(isInside, inside, end);
}

// k ln 2 + f - f^2 / 2 + f^3 p(f); p is a minimax polynomial (Sollya), off by
// 2^-27 of log(1 + f). ln 2 is in two parts as in exp.
Value mpc::expandLog(FloatMath &m, Value x) {
  auto [f, k] = splitExponent(m, x);
  Value square = m.mul(f, f);
  Value p = m.polynomial(
      f, {0.3333333432674407958984375, -0.25000822544097900390625,
          0.2000108659267425537109375, -0.16623212397098541259765625,
          0.14204062521457672119140625, -0.131635189056396484375,
          0.12749586999416351318359375, -0.07612886279821395874});
  Value tail = m.fma(k, m.number(0x1.7f7d1cp-20), m.mul(m.mul(square, f), p));
  Value sum = m.add(m.fma(m.number(-0.5), square, f), tail);
  return logAtTheEnds(m, x, m.fma(k, m.number(0x1.62e4p-1), sum));
}

// With u = 1 + x rounded and d what the rounding lost (Knuth's sum, exact):
// log(u) + d / u. Where x^2 / 2 does not count x itself keeps -0; where u is
// infinite or 0 there is no d.
Value mpc::expandLog1p(FloatMath &m, Value x) {
  Value one = m.number(1), u = m.add(x, one);
  Value part = m.sub(u, one);
  Value lost = m.add(m.sub(one, m.sub(u, part)), m.sub(x, part));
  Value log = expandLog(m, u);
  Value corrected = m.add(log, m.div(lost, u));
  Value isPlain = m.both(m.isFinite(u), m.greater(u, m.number(0)));
  Value isTiny = m.less(m.abs(x), m.number(0x1p-25));
  return m.select(isTiny, x, m.select(isPlain, corrected, log));
}

// Above this x^2 + 1 is x^2, and long before x^2 overflows the result is
// log(2 x).
static constexpr double large = 0x1p40;

// log(1 + a + a^2 / (1 + sqrt(a^2 + 1))) with a = |x|.
Value mpc::expandAsinh(FloatMath &m, Value x) {
  Value a = m.abs(x), one = m.number(1), square = m.mul(a, a);
  Value root = m.sqrt(m.fma(a, a, one));
  Value near = m.add(a, m.div(square, m.add(root, one)));
  Value isLarge = m.greater(a, m.number(large));
  Value log = expandLog1p(m, m.select(isLarge, a, near));
  Value extra = m.select(isLarge, m.number(M_LN2), m.number(0));
  return m.copySign(m.add(log, extra), x);
}

// log(1 + t + sqrt(t (t + 2))) with t = x - 1.
Value mpc::expandAcosh(FloatMath &m, Value x) {
  Value t = m.sub(x, m.number(1));
  Value near = m.add(t, m.sqrt(m.mul(t, m.add(t, m.number(2)))));
  Value isLarge = m.greater(x, m.number(large));
  Value log = expandLog1p(m, m.select(isLarge, x, near));
  Value extra = m.select(isLarge, m.number(M_LN2), m.number(0));
  return m.select(m.less(x, m.number(1)), m.number(NAN), m.add(log, extra));
}

// log(1 + 2 a / (1 - a)) / 2 with a = |x|.
Value mpc::expandAtanh(FloatMath &m, Value x) {
  Value a = m.abs(x);
  Value ratio = m.div(m.add(a, a), m.sub(m.number(1), a));
  Value half = m.mul(m.number(0.5), expandLog1p(m, ratio));
  return m.copySign(half, x);
}
