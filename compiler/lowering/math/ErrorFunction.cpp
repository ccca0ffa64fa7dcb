// erf.
#include "compiler/lowering/math/FloatMath.h"

using namespace mlir;
using namespace mpc;

// Up to 1 an odd polynomial, beyond it 1 - exp(-x^2) g(q) / (1 + 2 x) with
// q = (x - 2) / (x + 2). At 4 the result is 1. Both polynomials are minimax
// ones (Sollya), off by 2^-29 of erf and 2^-26 of 1 - erf.
Value mpc::expandErf(FloatMath &m, Value x) {
  Value square = m.mul(x, x);
  Value p = m.polynomial(square,
                         {0.1283791661262512207, -0.3761262595653533935546875,
                          0.112835787236690521240234375, -0.0268533434718847247,
                          0.00518714589998126030, -0.000799762376118451357,
                          0.0000780586051405407488});
  Value near = m.fma(x, p, x);

  Value a = m.clamp(m.abs(x), 0, 4);
  Value two = m.number(2);
  Value q = m.div(m.sub(a, two), m.add(a, two));
  Value g =
      m.polynomial(q, {1.27697837352752685546875, -0.0927636399865150451660,
                       -0.1660301685333251953125, 0.164037883281707763671875,
                       -0.0542119927704334259, -0.00779369287192821503,
                       0.00848371535539627075});
  Value ratio = m.div(g, m.fma(two, a, m.number(1)));
  Value tail = m.mul(expandExp(m, m.neg(m.mul(a, a))), ratio);
  Value far = m.copySign(m.sub(m.number(1), tail), x);
  return m.select(m.greater(m.abs(x), m.number(1)), far, near);
}
