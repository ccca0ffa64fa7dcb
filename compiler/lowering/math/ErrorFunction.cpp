// erf.
#include "compiler/lowering/math/FloatMath.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

// Up to 1 an odd polynomial, beyond it 1 - 2^p(|x|). At 4 the result is 1. Both
// polynomials are minimax ones (Sollya), off by 2^-29 of erf and, where the
// power multiplies it, 2^-29.7. What rounding p loses is less than half of what
// rounding the result does.
Value mpc::expandErf(FloatMath &m, Value x) {
  Value square = m.mul(x, x);
  Value p = m.polynomial(square,
                         {0.1283791661262512207, -0.3761262595653533935546875,
                          0.112835787236690521240234375, -0.0268533434718847247,
                          0.00518714589998126030, -0.000799762376118451357,
                          0.0000780586051405407488});
  Value near = m.fma(x, p, x);

  Value a = m.abs(x), large = m.number(0x1.8p23 + 127);
  Value exponent = m.polynomial(
      m.clamp(a, -HUGE_VAL, 4),
      {-4.5079927076585590839385986328125e-4, -1.62620913982391357421875,
       -0.9203889369964599609375, -0.14896719157695770263671875,
       3.160433471202850341796875e-2, -4.2761419899761676788330078125e-3,
       2.71183322183787822723388671875e-4});
  Value sum = m.add(exponent, large);
  Value part = exp2Near(m, m.sub(exponent, m.sub(sum, large)));
  Value power = m.power(m.bits(sum));
  Value far = m.fma(m.neg(part), power, m.number(1));
  return m.select(m.greater(a, m.number(1)), m.copySign(far, x), near);
}
