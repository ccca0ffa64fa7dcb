// gelu and erf, which are the normal distribution: the short forms and those of
// their derivatives.
#include "compiler/lowering/ScalarShortParts.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

// With a = |x|, its tail P(X < -a) is 2^(a p(a) - 1): a polynomial p does what
// would else take a polynomial, an exponential and a quotient. Minimax, off by
// 2^-17.2 of the tail (f16) and 2^-12.8 (bf16); in f16 from 4 on, where gelu
// becomes subnormal, gelu itself is off by 2^-31 instead.
static Value tailExponent(FloatMath &m, Value a, Type stored) {
  if (stored.isBF16())
    return m.polynomial(a, {-1.14969122, -0.462119669, -0.0511004888,
                            0.00748966634, -0.000753417204, 4.83100339e-05,
                            -1.76191077e-06, 2.76680243e-08});
  return m.polynomial(a, {-1.151065468788147, -0.45914211869239807,
                          -0.05305839329957962, 0.007939407601952553,
                          -0.0007469668053090572, 3.22788255289197e-05});
}

// max(x, 0), where -0 stays. In f16 what is raised to is not 0 but as good as
// that, which is one instruction on a GPU, and normal, or CPUs would be slow.
static Value positivePart(FloatMath &m, Value x, Type stored) {
  if (stored.isF16())
    return atLeast(m, x, -0x1p-126);
  return m.select(m.less(x, m.number(0)), m.number(0), x);
}

// max(x, 0) - a P(X < -a)
Value scalar::shortGelu(FloatMath &m, Value x, Type stored) {
  Value a = atMost(m, m.abs(x), stored.isBF16() ? 14.2 : 6.5);
  int64_t shift = liftFor(stored);
  ShortPower e = shortExp2(m, a, tailExponent(m, a, stored), shift - 1);
  Value tail = m.mul(e.factor, e.power);
  if (shift != 0)
    tail = m.mul(tail, m.number(std::ldexp(1.0, -shift)));
  return m.fma(m.neg(a), tail, positivePart(m, x, stored));
}

// The derivative at -a: the tail times 1 - a density(a) / tail. The second
// factor is a minimax polynomial, off by 2^-18.2 (f16) and 2^-14.5 (bf16) of
// the sum of its terms' magnitudes.
static Value tailSlope(FloatMath &m, Value a, Type stored) {
  if (stored.isBF16())
    return m.polynomial(a, {1, -0.797332406, -0.638236165, -0.108974889,
                            0.0219872314, -0.0028792487, 0.00023147442,
                            -1.02865788e-05, 1.92380895e-07});
  return m.polynomial(a, {1, -0.797986984, -0.635666132, -0.111908555,
                          0.0232907217, -0.00309364707, 0.000229884303,
                          -6.94622622e-06});
}

Value scalar::shortGeluSlope(FloatMath &m, Value x, Type stored) {
  Value a = atMost(m, m.abs(x), stored.isBF16() ? 12.8 : 6.5);
  ShortPower e = shortExp2(m, a, tailExponent(m, a, stored), -1);
  Value below = m.mul(m.mul(e.factor, e.power), tailSlope(m, a, stored));
  return m.select(m.less(x, m.number(0)), below, m.sub(m.number(1), below));
}

// x p(x^2 - 5.5), minimax up to 3.3 and off by 2^-18.2; there erf is 1 but for
// 2^-18.3. With the square's middle subtracted the terms of p have one sign at
// 0, where the sum is largest, so that little is rounded away.
Value scalar::shortErf(FloatMath &m, Value x) {
  x = within(m, x, 3.3);
  Value p = m.polynomial(
      m.fma(x, x, m.number(-5.5)),
      {0.4260130226612091064453125, -3.83121259510517120361328125e-2,
       5.0144274719059467315673828125e-3, -6.878742133267223834991455078125e-4,
       9.21799874049611389636993408203125e-5,
       -1.19901023936108686029911041259765625e-5,
       1.37685992740443907678127288818359375e-6,
       -1.162176346269916393794119358062744141e-7,
       1.236002677984515685238875448703765869e-8,
       -2.221468120566782999958377331495285034e-9,
       1.750328632033060216599551495164632797e-10});
  return m.mul(x, p);
}

// 2 / sqrt(pi) exp(-x^2). Of the exponent, up to 86, 2^-18 are lost.
Value scalar::shortErfSlope(FloatMath &m, Value x) {
  x = within(m, x, 9.27);
  ShortPower e = shortExp2(m, m.mul(x, x), m.number(-M_LOG2E));
  return m.mul(m.mul(e.factor, m.number(M_2_SQRTPI)), e.power);
}
