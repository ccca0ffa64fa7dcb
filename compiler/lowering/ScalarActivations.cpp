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

// Up to 1 it is 1/2 and an odd polynomial, off by 2^-25. Beyond, with a = |x|,
// the smaller side is exp(-a^2 / 2) g(q) / (a + c), q = (a - c) / (a + c), up
// to a = 15 off by 2^-25.5. Both are minimax polynomials (Sollya); c is the
// number between 1.8 and 2.5 for which g of this degree is closest. What
// rounding loses of a^2 is taken into account, since it would be multiplied by
// up to 100.
Normal scalar::normal(FloatMath &m, Value x) {
  static constexpr double c = 2.375;
  Value a = m.abs(x), half = m.number(0.5), one = m.number(1);
  Value square = m.mul(a, a);
  Value p = m.polynomial(
      square, {0.398942291736602783203125, -0.066490583121776580810546875,
               0.00997452624142169952, -0.00118898181244730949,
               0.000116048751806374639, -0.0000085556912381434814});
  Value near = m.fma(x, p, half);

  Value lost = m.fma(a, a, m.neg(square));
  Value e = expOfSum(m, m.mul(half, square), m.mul(half, lost));
  Value t = m.div(one, m.add(a, m.number(c)));
  Value q = m.fma(m.number(-2 * c), t, one);
  Value g = m.polynomial(q, {0.69945681095123291, -0.41093116998672485,
                             0.10614733397960663, 0.019598985090851784,
                             -0.014155938290059566, -0.0039028953760862350,
                             0.0020242163445800543, 0.0012203061487525702,
                             -0.00050470605492591858});
  Value tail = m.mul(e, m.mul(t, g));
  Value isNegative = m.less(x, m.number(0));
  Value far = m.select(isNegative, tail, m.sub(one, tail));
  return {m.select(m.less(a, one), near, far),
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
