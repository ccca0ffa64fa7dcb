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
// 2^-27 of log(1 + f). ln 2 is in two parts as in exp. k is in units of `unit`,
// a power of two.
static Value logOf(FloatMath &m, BinaryLog split, double unit = 1) {
  auto [f, k] = split;
  Value square = m.mul(f, f);
  Value p = m.polynomial(
      f, {0.3333333432674407958984375, -0.25000822544097900390625,
          0.2000108659267425537109375, -0.16623212397098541259765625,
          0.14204062521457672119140625, -0.131635189056396484375,
          0.12749586999416351318359375, -0.07612886279821395874});
  Value tail =
      m.fma(k, m.number(unit * 0x1.7f7d1cp-20), m.mul(m.mul(square, f), p));
  Value sum = m.add(m.fma(m.number(-0.5), square, f), tail);
  return m.fma(k, m.number(unit * 0x1.62e4p-1), sum);
}

// log(x), of a positive number that is neither subnormal nor infinite.
static Value logOfNormal(FloatMath &m, Value x) {
  return logOf(m, shortSplit(m, x), 0x1p-23);
}

// What x of 0, subnormal or not finite needs, most do without.
Value mpc::expandLog(FloatMath &m, Value x) {
  Value a = m.abs(x);
  Value isNormal = m.both(m.lessOrEqual(m.number(0x1p-126), a),
                          m.lessOrEqual(a, m.number(0x1.fffffep127)));
  auto usual = [&](FloatMath &inner) {
    return inner.select(inner.less(x, inner.number(0)), inner.number(NAN),
                        logOfNormal(inner, x));
  };
  auto rare = [&](FloatMath &inner) {
    return logAtTheEnds(inner, x, logOf(inner, splitExponent(inner, x)));
  };
  return unlessRare(m, m.negate(isNormal), rare, usual);
}

Value mpc::expandLogOfNormal(FloatMath &m, Value x) {
  return m.add(logOfNormal(m, x), m.sub(x, x));
}

//===-- asinh, acosh, atanh -----------------------------------------------===//

// Above this squares overflow, and long before the result is log(2 x).
static constexpr double large = 0x1p60;

// `usual` unless |x| is large or NaN, where it is log(2 |x|).
static Value unlessLarge(FloatMath &m, Value x,
                         llvm::function_ref<Value(FloatMath &)> usual) {
  Value isLarge = m.negate(m.less(m.abs(x), m.number(large)));
  auto rare = [&](FloatMath &inner) {
    Value log = expandLog(inner, inner.abs(x));
    return inner.select(isLarge, inner.add(log, inner.number(M_LN2)),
                        usual(inner));
  };
  return unlessRare(m, isLarge, rare, usual);
}

// asinh(w) up to 1: w + w^3 p(w^2), a minimax polynomial (Sollya), off by
// 2^-25.6 of asinh.
static Value asinhNear(FloatMath &m, Value w, Value square) {
  Value p = m.polynomial(
      square,
      {-0.16666664183139801025390625, 7.4997253715991973876953125e-2,
       -4.458416998386383056640625e-2, 2.988065220415592193603515625e-2,
       -2.01657079160213470458984375e-2, 1.1669456027448177337646484375e-2,
       -4.6400339342653751373291015625e-3,
       8.827919955365359783172607421875e-4});
  return m.fma(m.mul(w, square), p, w);
}

// Beyond 1 log(a + sqrt(a^2 + 1)) with a = |x|.
Value mpc::expandAsinh(FloatMath &m, Value x) {
  auto usual = [&](FloatMath &inner) {
    Value a = inner.abs(x), one = inner.number(1);
    Value root = inner.sqrt(inner.fma(a, a, one));
    Value far = logOfNormal(inner, inner.add(a, root));
    Value near = asinhNear(inner, a, inner.mul(a, a));
    return inner.select(inner.less(a, one), near, far);
  };
  return m.copySign(unlessLarge(m, x, usual), x);
}

// asinh(w) or log(x + w) with w = sqrt(x^2 - 1) = sqrt(t (t + 2)), t = x - 1.
Value mpc::expandAcosh(FloatMath &m, Value x) {
  auto usual = [&](FloatMath &inner) {
    Value one = inner.number(1), t = inner.sub(x, one);
    Value square = inner.mul(t, inner.add(t, inner.number(2)));
    // A negative square would take a root's longer way, for a NaN that x below
    // 1 gives anyway.
    Value w = inner.sqrt(inner.abs(square));
    Value far = logOfNormal(inner, inner.add(x, w));
    return inner.select(inner.less(square, one), asinhNear(inner, w, square),
                        far);
  };
  Value inside = unlessLarge(m, x, usual);
  return m.select(m.less(x, m.number(1)), m.number(NAN), inside);
}

// With a = |x|, (1 + a) / (1 - a) = 2^k (1 + s) / (1 - s) for any k, so that it
// is k ln 2 / 2 + atanh(s). With k from the difference of exponents |s| is less
// than 0.21; where a is small k is 0 and s is a. 2 - (1 + 2^k) is the same as
// 1 - 2^k and goes with what rounding makes of 1 + 2^k.
AtanhParts mpc::splitAtanh(FloatMath &m, Value a) {
  Value one = m.number(1);
  Value above = m.add(one, a), below = m.sub(one, a);
  // Half a unit of the exponent makes the difference the nearest one.
  Value difference =
      m.subInt(m.addInt(m.bits(above), m.integer(0x400000)), m.bits(below));
  Value exponent = m.andInt(difference, m.integer(-0x800000));
  Value power = m.fromBits(m.addInt(exponent, m.bits(one)));
  Value sum = m.add(one, power), rest = m.sub(m.number(2), sum);
  return {m.fma(a, sum, rest), m.fma(a, rest, sum), m.toFloat(exponent)};
}

// atanh(s) is s + s^3 p(s^2), a minimax polynomial (Sollya), off by 2^-26.
Value mpc::expandAtanh(FloatMath &m, Value x) {
  Value a = m.abs(x), one = m.number(1);
  AtanhParts parts = splitAtanh(m, a);
  Value inverse = newtonReciprocal(m, parts.denominator);
  Value quotient = m.mul(parts.numerator, inverse);
  Value lost = m.fma(m.neg(quotient), parts.denominator, parts.numerator);
  Value s = m.fma(lost, inverse, quotient), square = m.mul(s, s);
  Value p = m.polynomial(square, {0.3333336412906646728515625,
                                  0.19987230002880096435546875,
                                  0.15051026642322540283203125});
  Value near = m.fma(m.mul(s, square), p, s);
  Value inside = m.fma(parts.k, m.number(0x1p-23 * M_LN2 / 2), near);
  Value end = m.select(m.equal(a, one), m.number(HUGE_VAL), m.number(NAN));
  return m.copySign(m.select(m.less(a, one), inside, end), x);
}
