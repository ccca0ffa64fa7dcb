#include "compiler/lowering/ScalarActivations.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

Value scalar::mathExp(FloatMath &m, Value x) {
  return math::ExpOp::create(m.b, m.loc, x);
}
Value scalar::mathExpM1(FloatMath &m, Value x) {
  return math::ExpM1Op::create(m.b, m.loc, x);
}
Value scalar::mathLog1p(FloatMath &m, Value x) {
  return math::Log1pOp::create(m.b, m.loc, x);
}

// exp(-|x|) does not overflow: with z as that, 1 / (1 + z) and z / (1 + z).
static Sigmoids sigmoidsOf(FloatMath &m, Value x, Value z) {
  Value large = m.div(m.number(1), m.add(m.number(1), z));
  Value small = m.mul(z, large);
  Value isNegative = m.less(x, m.number(0));
  return {m.select(isNegative, small, large),
          m.select(isNegative, large, small)};
}

Sigmoids scalar::sigmoids(FloatMath &m, Value x) {
  return sigmoidsOf(m, x, mathExp(m, m.neg(m.abs(x))));
}

// exp(-(high + low)), given that low is small.
static Value expOfSum(FloatMath &m, Value high, Value low) {
  Value e = mathExp(m, m.neg(high));
  return m.fma(m.neg(low), e, e);
}

// Up to 1 it is 1/2 and an odd polynomial. Beyond, with a = |x|, the smaller
// side is exp(-a^2 / 2) g(q) / (1 + 2 a), q = (a - 3/2) / (a + 3/2). Both are
// minimax polynomials (Sollya), off by 2^-25. What rounding loses of a^2 is
// taken into account, since it would be multiplied by up to 100.
Normal scalar::normal(FloatMath &m, Value x) {
  Value a = m.abs(x), center = m.number(1.5), half = m.number(0.5);
  Value square = m.mul(a, a);
  Value p = m.polynomial(
      square, {0.398942291736602783203125, -0.066490583121776580810546875,
               0.00997452624142169952, -0.00118898181244730949,
               0.000116048751806374639, -0.0000085556912381434814});
  Value near = m.fma(x, p, half);

  Value lost = m.fma(a, a, m.neg(square));
  Value e = expOfSum(m, m.mul(half, square), m.mul(half, lost));
  Value q = m.div(m.sub(a, center), m.add(a, center));
  Value g =
      m.polynomial(q, {0.823122680187225341796875, 0.1514289081096649169921875,
                       -0.20672746002674102783203125, -0.01447453334182500839,
                       0.035454544481784105301, 0.017129665240645408630,
                       -0.000580977005185559392, -0.00541300652548670769,
                       -0.00326728403568267822, -0.0000977396627306006849,
                       0.000940940994769334793, 0.000369212968507781625});
  Value tail = m.mul(e, m.div(g, m.fma(m.number(2), a, m.number(1))));
  Value isNegative = m.less(x, m.number(0));
  Value far = m.select(isNegative, tail, m.sub(m.number(1), tail));
  return {m.select(m.less(a, m.number(1)), near, far),
          m.mul(e, m.number(M_2_SQRTPI * M_SQRT1_2 / 2))};
}

// v = x (A + B x^2) as a sum of two, for the reason given above.
Sigmoids scalar::geluSigmoids(FloatMath &m, Value x) {
  static constexpr double a = 1.5957691216057308, b = a * 0.044715;
  auto rest = [](double value) {
    return value - static_cast<double>(static_cast<float>(value));
  };
  Value square = m.mul(x, x), squareLow = m.fma(x, x, m.neg(square));
  Value cubic = m.mul(m.number(b), square);
  Value low = m.fma(m.number(b), square, m.neg(cubic));
  low = m.fma(m.number(b), squareLow, low);
  low = m.fma(m.number(rest(b)), square, low);
  low = m.add(low, m.number(rest(a)));
  // Knuth's sum, since either may be larger.
  Value sum = m.add(m.number(a), cubic), part = m.sub(sum, m.number(a));
  low = m.add(low,
              m.add(m.sub(m.number(a), m.sub(sum, part)), m.sub(cubic, part)));
  Value v = m.mul(x, sum), vLow = m.fma(x, sum, m.neg(v));
  vLow = m.fma(x, low, vLow);
  Value isNegative = m.less(x, m.number(0));
  Value z = expOfSum(m, m.abs(v), m.select(isNegative, m.neg(vLow), vLow));
  return sigmoidsOf(m, x, z);
}

MishParts scalar::mishParts(FloatMath &m, Value x) {
  Value n = mathExp(m, x);
  return {n, m.mul(n, m.add(n, m.number(2)))};
}
