// exp and what is made of it.
#include "compiler/lowering/math/FloatMath.h"

using namespace mlir;
using namespace mpc;

namespace {
/// x = k ln 2 + r with |r| <= ln 2 / 2, and q = exp(r) - 1.
struct Reduced {
  Value k, q;
};
} // namespace

// ln 2 in two parts. The first has 16 bits, so that its product with k is
// exact. The polynomial is a minimax one on +-0.3475 (Sollya, fpminimax), off
// by 2^-31 of exp(r) - 1.
static Reduced reduce(FloatMath &m, Value x) {
  auto [n, k] = m.nearestInteger(x, 1.4426950408889634);
  Value r = m.fma(n, m.number(-0x1.62e4p-1), x);
  r = m.fma(n, m.number(-0x1.7f7d1cp-20), r);
  Value p = m.polynomial(r, {0.5, 0.1666666567325592, 0.0416664779186248779,
                             0.008333566598594188690, 0.00139337417203933,
                             0.000197436456801369786});
  return {k, m.fma(m.mul(r, r), p, r)};
}

// 2^shift exp(x). Beyond the bounds the result is infinite or 0 for shifts from
// -1 to 0.
static Value scaledExp(FloatMath &m, Value x, int64_t shift) {
  Reduced reduced = reduce(m, m.clamp(x, -105, 90));
  Value k = reduced.k;
  if (shift != 0)
    k = m.addInt(k, m.integer(shift));
  return m.scale(m.add(reduced.q, m.number(1)), k);
}

Value mpc::expandExp(FloatMath &m, Value x) { return scaledExp(m, x, 0); }
Value mpc::expandHalfExp(FloatMath &m, Value x) { return scaledExp(m, x, -1); }

// 2^(k + 32) is normal, and a product by it exact.
Value mpc::expandLowExp(FloatMath &m, Value x) {
  Reduced reduced = reduce(m, m.clamp(x, -105, HUGE_VAL));
  Value power = m.power(m.addInt(reduced.k, m.integer(127 + 32)));
  Value lifted = m.mul(m.add(reduced.q, m.number(1)), power);
  return m.mul(lifted, m.number(0x1p-32));
}

// A minimax polynomial (Sollya).
Value mpc::exp2Near(FloatMath &m, Value r) {
  return m.polynomial(
      r, {1, 0.693147182464599609375, 0.240226447582244873046875,
          5.550359189510345458984375e-2, 9.618841111660003662109375e-3,
          1.339113689027726650238037109375e-3,
          1.523800310678780078887939453125e-4});
}

// 2^k q + (2^k - 1), of half of each, since 2^128 is no f32. Where x is so
// small that x^2 / 2 does not count, x itself keeps subnormals and -0.
Value mpc::expandExpM1(FloatMath &m, Value x) {
  Reduced reduced = reduce(m, m.clamp(x, -30, 89));
  Value half = m.power(m.addInt(reduced.k, m.integer(126)));
  Value sum = m.fma(half, reduced.q, m.sub(half, m.number(0.5)));
  Value isTiny = m.less(m.abs(x), m.number(0x1p-25));
  return m.select(isTiny, x, m.add(sum, sum));
}

// Below 1 a polynomial in x^2 (Sollya, off by 2^-31), above it E - 1 / (4 E)
// with E = exp(|x|) / 2.
Value mpc::expandSinh(FloatMath &m, Value x) {
  Value a = m.abs(x), square = m.mul(x, x);
  Value p = m.polynomial(square,
                         {0.16666667163372039794921875, 0.00833331514149904251,
                          0.000198416659259237349, 2.78998390967897968e-6});
  Value below = m.fma(m.mul(x, square), p, x);
  Value e = expandHalfExp(m, a);
  Value above = m.copySign(m.sub(e, m.div(m.number(0.25), e)), x);
  return m.select(m.less(a, m.number(1)), below, above);
}

Value mpc::expandCosh(FloatMath &m, Value x) {
  Value e = expandHalfExp(m, m.abs(x));
  return m.add(e, m.div(m.number(0.25), e));
}

// t / (t + 2) with t = exp(2 |x|) - 1.
Value mpc::expandTanh(FloatMath &m, Value x) {
  Value a = m.abs(x);
  Value t = expandExpM1(m, m.clamp(m.add(a, a), 0, 30));
  return m.copySign(m.div(t, m.add(t, m.number(2))), x);
}

// max(x, 0) + log(1 + t) with t = exp(-|x|), which is computed times 2^24 since
// it may be subnormal. log(1 + t) is t + t^2 p(t), a minimax polynomial
// (Sollya), off by 2^-25.2 of it.
Value mpc::expandSoftplus(FloatMath &m, Value x) {
  Reduced reduced = reduce(m, m.neg(m.clamp(m.abs(x), 0, 103.97)));
  Value power = m.power(m.addInt(reduced.k, m.integer(127 + 24)));
  Value lifted = m.fma(power, reduced.q, power);
  Value t = m.mul(lifted, m.number(0x1p-24));
  Value p = m.polynomial(
      t, {-0.4999999701976776123046875, 0.3333285748958587646484375,
          -0.24986891448497772216796875, 0.198571145534515380859375,
          -0.15859474241733551025390625, 0.1158724725246429443359375,
          -6.705696880817413330078125e-2, 2.54073925316333770751953125e-2,
          -4.5118262059986591339111328125e-3});
  return m.add(m.clamp(x, 0, HUGE_VAL), m.fma(m.mul(t, t), p, t));
}
