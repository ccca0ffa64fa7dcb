// exp, the hyperbolic functions and the exponential linear units: short forms
// and those of their derivatives.
#include "compiler/lowering/ScalarShortParts.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

// Beyond the bounds the result is 0 or infinite in the format. For bf16 it is
// the square of exp(x / 2), which is neither subnormal nor infinite before the
// result is, and errs by twice as much.
Value scalar::shortExp(FloatMath &m, Value x, Type stored) {
  if (stored.isF16()) {
    ShortPower e = shortExp2(m, m.clamp(x, -20, 12), m.number(M_LOG2E));
    return m.mul(e.factor, e.power);
  }
  ShortPower e = shortExp2(m, m.clamp(x, -96, 90), m.number(M_LOG2E / 2));
  Value root = m.mul(e.factor, e.power);
  return m.mul(root, root);
}

//===-- Hyperbolic functions ----------------------------------------------===//

namespace {
/// With x = n ln 2 + r: sinh(r) and cosh(r) times 2^scale, and half of 2^n and
/// of 2^-n divided by it.
struct HyperbolicParts {
  Value sinh, cosh, up, down;
};
} // namespace

// Of x that is not negative. Minimax polynomials, off by 2^-26 and 2^-23.
static HyperbolicParts hyperbolicParts(FloatMath &m, Value x, int64_t scale) {
  double factor = std::ldexp(1.0, int(scale));
  Value large = m.number(0x1.8p23 + double(126 - scale));
  Value sum = m.fma(x, m.number(M_LOG2E), large);
  Value n = m.sub(sum, large);
  Value r = m.fma(n, m.number(-M_LN2), x), square = m.mul(r, r);
  Value odd =
      m.polynomial(square, {factor, factor * 0.16666541993618011474609375,
                            factor * 8.366681635379791259765625e-3});
  Value even = m.polynomial(square, {factor * 1.00000011920928955078125,
                                     factor * 0.4999872744083404541015625,
                                     factor * 4.1926868259906768798828125e-2});
  Value up = m.shiftLeft(m.bits(sum), m.integer(23));
  Value down = m.subInt(m.integer((2 * (126 - scale)) << 23), up);
  // Far from 0 this power would have no exponent left, and is 0.
  if (scale > 0)
    down = arith::MaxSIOp::create(m.b, m.loc, down, m.integer(0));
  return {m.mul(r, odd), even, m.fromBits(up), m.fromBits(down)};
}

// Where exponents of f32 end, at 2^128, powers are a quarter instead of a half
// and what they multiply is doubled, so that nothing overflows but the result.
static HyperbolicParts partsOfMagnitude(FloatMath &m, Value x, bool isWide) {
  Value a = atMost(m, m.abs(x), isWide ? 89.5 : 12);
  return hyperbolicParts(m, a, isWide ? 1 : 0);
}

// sinh(r) cosh(n ln 2) + cosh(r) sinh(n ln 2).
static Value shortSinh(FloatMath &m, Value x, bool isWide) {
  HyperbolicParts parts = partsOfMagnitude(m, x, isWide);
  Value first = m.mul(parts.sinh, m.add(parts.up, parts.down));
  Value result = m.fma(parts.cosh, m.sub(parts.up, parts.down), first);
  Value sign = m.andInt(m.bits(x), m.integer(INT32_MIN));
  return m.fromBits(m.xorInt(m.bits(result), sign));
}

// The mean of two powers by a GPU's instruction. What rounding their exponent
// loses, up to 2^-17 and times ln 2, is of either a share.
static Value coshOnGpu(FloatMath &m, Value x, bool isWide) {
  Value a = atMost(m, m.abs(x), isWide ? 89.5 : 12);
  Value y = m.mul(a, m.number(M_LOG2E));
  Value lost = m.fma(a, m.number(M_LOG2E), m.neg(y));
  if (isWide)
    lost = m.fma(a, m.number(M_LOG2E - double(float(M_LOG2E))), lost);
  int64_t shift = isWide ? -2 : -1;
  Value up = shortExp2(m, y, m.number(1), shift).factor;
  Value down = shortExp2(m, y, m.number(-1), shift).factor;
  Value sum =
      m.fma(m.sub(up, down), m.mul(lost, m.number(M_LN2)), m.add(up, down));
  return isWide ? m.add(sum, sum) : sum;
}

static Value shortCosh(FloatMath &m, Value x, bool isWide) {
  if (isForGpu(m))
    return coshOnGpu(m, x, isWide);
  HyperbolicParts parts = partsOfMagnitude(m, x, isWide);
  Value first = m.mul(parts.sinh, m.sub(parts.up, parts.down));
  return m.fma(parts.cosh, m.add(parts.up, parts.down), first);
}

//===-- elu, selu, celu ---------------------------------------------------===//

// 2^(x y) - 1 = 2^n q + (2^n - 1) for exponents from -126 to 0, with a minimax
// polynomial for q / r, off by 2^-21. The terms' magnitudes are up to 2.4 times
// the result's.
static Value shortPowerM1(FloatMath &m, Value x, Value y) {
  Value large = m.number(0x1.8p23 + 127);
  Value sum = m.fma(x, y, large);
  Value n = m.sub(sum, large);
  Value r = m.fma(x, y, m.neg(n));
  Value p = m.polynomial(
      r, {0.693147122859954833984375, 0.24022351205348968505859375,
          5.55053316056728363037109375e-2, 9.666251949965953826904296875e-3,
          1.332301297225058078765869140625e-3});
  Value power = m.power(m.bits(sum));
  return m.fma(power, m.mul(r, p), m.sub(power, m.number(1)));
}

namespace {
/// above * x where x is not negative, else below (exp(x / width) - 1).
struct LinearUnit {
  double above, below, width;
};
} // namespace

static LinearUnit unitOf(Function function, double alpha, double beta) {
  switch (function) {
  case Function::Selu:
    return {beta, alpha * beta, 1};
  case Function::Celu:
    return {1, alpha, alpha};
  default:
    return {1, alpha, 1};
  }
}

// Widths and factors that neither overflow nor vanish where they are divided
// by, negated or multiplied.
static bool isPlain(const LinearUnit &unit) {
  auto isModerate = [](double value) {
    return value > 0x1p-30 && value < 0x1p30;
  };
  return isModerate(unit.above) && isModerate(unit.below) &&
         isModerate(unit.width);
}

static Value exponentOf(FloatMath &m, const LinearUnit &unit) {
  return m.number(M_LOG2E / unit.width);
}

Value scalar::shortLinearUnit(FloatMath &m, Function function, Value x,
                              double alpha, double beta) {
  LinearUnit unit = unitOf(function, alpha, beta);
  if (!isPlain(unit))
    return {};
  Value low = atLeast(m, x, -30 * unit.width);
  Value below =
      m.mul(shortPowerM1(m, low, exponentOf(m, unit)), m.number(unit.below));
  Value above = unit.above == 1 ? x : m.mul(x, m.number(unit.above));
  return m.select(m.less(x, m.number(0)), below, above);
}

Value scalar::shortLinearUnitSlope(FloatMath &m, Function function, Value x,
                                   double alpha, double beta) {
  LinearUnit unit = unitOf(function, alpha, beta);
  if (!isPlain(unit))
    return {};
  Value low = m.clamp(x, -86 * unit.width, 0);
  ShortPower e = shortExp2(m, low, exponentOf(m, unit));
  Value factor = m.mul(e.factor, m.number(unit.below / unit.width));
  Value below = m.mul(factor, e.power);
  return m.select(m.greater(x, m.number(0)), m.number(unit.above), below);
}

//===----------------------------------------------------------------------===//

Value scalar::shortHyperbolic(FloatMath &m, Function function, Value x,
                              bool isWide) {
  return function == Function::Sinh ? shortSinh(m, x, isWide)
                                    : shortCosh(m, x, isWide);
}
