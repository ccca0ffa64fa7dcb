// Activations in terms of exp: short forms and those of their derivatives.
#include "compiler/lowering/ScalarShortParts.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

//===-- Sigmoids ----------------------------------------------------------===//

// -log2(e) x, as the product of x and this.
static Value plainExponent(FloatMath &m, Value) { return m.number(-M_LOG2E); }

// v = x (a + b x^2) in gelu_tanh, in the same way.
static constexpr double geluA = 1.5957691216057308, geluB = geluA * 0.044715;
static Value geluExponent(FloatMath &m, Value x) {
  return m.fma(m.mul(x, x), m.number(-M_LOG2E * geluB),
               m.number(-M_LOG2E * geluA));
}

// 1 / (1 + 2^(x y)) for exponents from -100 to 149.
static Value liftedSigmoid(FloatMath &m, Value x, Value y) {
  double unit = std::ldexp(1.0, -lift);
  ShortPower e = shortExp2(m, x, y, -lift);
  Value sum = m.fma(e.factor, e.power, m.number(unit));
  return m.mul(shortReciprocal(m, sum), m.number(unit));
}

namespace {
/// s = 1 / (1 + 2^(x y)) and 1 - s, for exponents of magnitude up to 125.
struct ShortSigmoids {
  Value of, ofNegative;
};
} // namespace

static ShortSigmoids shortSigmoids(FloatMath &m, Value x, Value y) {
  ShortPower e = shortExp2(m, x, y);
  Value s = shortReciprocal(m, m.fma(e.factor, e.power, m.number(1)));
  return {s, m.mul(m.mul(e.factor, e.power), s)};
}

static Value sigmoidFor(FloatMath &m, Value x, Value y, Type stored) {
  return stored.isBF16() ? liftedSigmoid(m, x, y) : shortSigmoids(m, x, y).of;
}

static Value shortSigmoid(FloatMath &m, Value x, Type stored) {
  x = m.clamp(x, stored.isBF16() ? -103 : -30, 30);
  return sigmoidFor(m, x, plainExponent(m, x), stored);
}

// x is bounded below as a factor as well: it may be infinite.
static Value shortSilu(FloatMath &m, Value x, Type stored) {
  Value low = atLeast(m, x, stored.isBF16() ? -103 : -30);
  Value near = atMost(m, low, 30);
  return m.mul(low, sigmoidFor(m, near, plainExponent(m, near), stored));
}

static Value shortGeluTanh(FloatMath &m, Value x, Type stored) {
  Value low = atLeast(m, x, stored.isBF16() ? -10.6 : -7);
  Value near = atMost(m, low, 7);
  return m.mul(low, sigmoidFor(m, near, geluExponent(m, near), stored));
}

// s + x s (1 - s) v'(x), where `rise` is x v'(x).
static Value sigmoidProductSlope(FloatMath &m, ShortSigmoids s, Value rise) {
  return m.fma(m.mul(rise, s.ofNegative), s.of, s.of);
}

static Value shortSiluSlope(FloatMath &m, Value x) {
  x = within(m, x, 86);
  return sigmoidProductSlope(m, shortSigmoids(m, x, plainExponent(m, x)), x);
}

static Value shortGeluTanhSlope(FloatMath &m, Value x) {
  x = within(m, x, 9.9);
  ShortSigmoids s = shortSigmoids(m, x, geluExponent(m, x));
  Value slope = m.fma(m.mul(x, x), m.number(3 * geluB), m.number(geluA));
  return sigmoidProductSlope(m, s, m.mul(x, slope));
}

//===-- softplus and softsign ---------------------------------------------===//

// max(x, 0) + log(1 + t) with t = exp(-|x|), of which log(1 + t) / t is a
// minimax polynomial (Sollya, fpminimax), off by 2^-19.6. For bf16 t is
// computed times 2^24.
static Value shortSoftplus(FloatMath &m, Value x, Type stored) {
  int64_t shift = liftFor(stored);
  Value unit = m.number(std::ldexp(1.0, -shift));
  Value a = atMost(m, m.abs(x), stored.isBF16() ? 103 : 30);
  ShortPower e = shortExp2(m, a, m.number(-M_LOG2E), shift);
  Value lifted = m.mul(e.factor, e.power);
  Value t = shift == 0 ? lifted : m.mul(lifted, unit);
  Value share = m.polynomial(
      t, {0.999998748302459716796875, -0.4998700916767120361328125,
          0.3310978114604949951171875, -0.23504962027072906494140625,
          0.1492417752742767333984375, -6.641583144664764404296875e-2,
          1.4145269058644771575927734375e-2});
  return m.fma(m.mul(lifted, share), unit, atLeast(m, x, 0));
}

static Value shortSoftplusSlope(FloatMath &m, Value x) {
  Value near = within(m, x, 86);
  return shortSigmoids(m, near, plainExponent(m, near)).of;
}

// x / (1 + |x|); beyond the bound it is 1 and its derivative 0 in both formats.
static constexpr double softsignBound = 0x1p60;
static Value softsignFactor(FloatMath &m, Value near) {
  return shortReciprocal(m, m.add(m.abs(near), m.number(1)));
}

static Value shortSoftsign(FloatMath &m, Value x) {
  Value near = within(m, x, softsignBound);
  return m.mul(near, softsignFactor(m, near));
}

static Value shortSoftsignSlope(FloatMath &m, Value x) {
  Value r = softsignFactor(m, within(m, x, softsignBound));
  return m.mul(r, r);
}

//===-- mish --------------------------------------------------------------===//

// x w / (w + 2) with n = exp(x) and w = n (n + 2). What n is off by, 2^-18.5
// and for its argument 2^-19.5, reaches the quotient whole where n is small and
// less where it grows; the reciprocal adds 2^-20. For bf16 n and w are computed
// times 2^24.
static Value shortMish(FloatMath &m, Value x, Type stored) {
  int64_t shift = liftFor(stored);
  Value low = atLeast(m, x, stored.isBF16() ? -103 : -30);
  Value two = m.number(2), unit = m.number(std::ldexp(1.0, -shift));
  ShortPower e = shortExp2(m, atMost(m, low, 30), m.number(M_LOG2E), shift);
  Value n = m.mul(e.factor, e.power);
  Value w = m.mul(n, m.fma(n, unit, two));
  Value share = m.mul(w, shortReciprocal(m, m.fma(w, unit, two)));
  if (shift != 0)
    share = m.mul(share, unit);
  return m.mul(low, share);
}

// With n and w as above w / (w + 2) + 4 x n (n + 1) / (w + 2)^2, which is 1
// from 20 on.
static Value shortMishSlope(FloatMath &m, Value x) {
  Value a = m.clamp(x, -86, 20);
  ShortPower e = shortExp2(m, a, m.number(M_LOG2E));
  Value n = m.mul(e.factor, e.power), two = m.number(2);
  Value w = m.mul(n, m.add(n, two));
  Value r = shortReciprocal(m, m.add(w, two));
  Value rise = m.mul(m.mul(a, m.number(4)), m.fma(n, n, n));
  return m.fma(m.mul(rise, r), r, m.mul(w, r));
}

//===-- hard_swish --------------------------------------------------------===//

// x times a sixth of x + 3, which is exact where it is small.
static Value shortHardSwish(FloatMath &m, Value x) {
  Value sixths = m.mul(m.add(x, m.number(3)), m.number(1.0 / 6));
  return m.mul(atLeast(m, x, -3), m.clamp(sixths, 0, 1));
}

//===-- tanh --------------------------------------------------------------===//

// x p(x^2) / q(x^2), a minimax quotient up to 6.25, off by 2^-19; there tanh is
// 1 but for 2^-17.
static Value shortTanh(FloatMath &m, Value x) {
  x = within(m, x, 6.25);
  Value square = m.mul(x, x);
  Value p = m.polynomial(square, {0.9999983310699463, 0.11328373104333878,
                                  0.0012330727186053991, -5.12002134200884e-06,
                                  2.0483566842699474e-08});
  Value q = m.polynomial(square, {1, 0.4466038644313812, 0.016785183921456337});
  return m.mul(m.mul(x, p), shortReciprocal(m, q));
}

//===----------------------------------------------------------------------===//

Value scalar::shortActivation(FloatMath &m, Function function, Value x,
                              Type stored) {
  switch (function) {
  case Function::Tanh:
    return shortTanh(m, x);
  case Function::Sigmoid:
    return shortSigmoid(m, x, stored);
  case Function::Silu:
    return shortSilu(m, x, stored);
  case Function::Mish:
    return shortMish(m, x, stored);
  case Function::Softplus:
    return shortSoftplus(m, x, stored);
  case Function::Softsign:
    return shortSoftsign(m, x);
  case Function::HardSwish:
    return shortHardSwish(m, x);
  case Function::Gelu:
    return shortGelu(m, x, stored);
  case Function::GeluTanh:
    return shortGeluTanh(m, x, stored);
  default:
    return {};
  }
}

Value scalar::shortActivationSlope(FloatMath &m, Function function, Value x,
                                   Type stored) {
  switch (function) {
  case Function::Softplus:
    return shortSoftplusSlope(m, x);
  case Function::Softsign:
    return shortSoftsignSlope(m, x);
  case Function::Mish:
    return shortMishSlope(m, x);
  case Function::Silu:
    return shortSiluSlope(m, x);
  case Function::Gelu:
    return shortGeluSlope(m, x, stored);
  case Function::GeluTanh:
    return shortGeluTanhSlope(m, x);
  default:
    return {};
  }
}
