// asin, acos and atan.
#include "compiler/lowering/math/FloatMath.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

// What rounding pi / 2 and pi to f32 loses.
static constexpr double halfPiRest = -0x1.777a5cp-25, piRest = -0x1.777a5cp-24;

// asin on 0..1/2: a minimax polynomial (Sollya), off by 2^-27.6.
static Value asinNear(FloatMath &m, Value x) {
  Value square = m.mul(x, x);
  Value p =
      m.polynomial(square, {0.166667520999908447265625, 0.0749530717730522156,
                            0.0454696379601955414, 0.0241815336048603058,
                            0.0421650372445583344});
  return m.fma(m.mul(x, square), p, x);
}

namespace {
/// asin of x or, beyond 1/2, of sqrt((1 - |x|) / 2); 1 - |x| is exact there.
struct Halves {
  Value isFar, asin;
};
} // namespace

static Halves halves(FloatMath &m, Value a) {
  Value isFar = m.greater(a, m.number(0.5));
  Value root = m.sqrt(m.mul(m.sub(m.number(1), a), m.number(0.5)));
  return {isFar, asinNear(m, m.select(isFar, root, a))};
}

// pi/2 - 2 asin(sqrt((1 - a) / 2)) beyond 1/2.
Value mpc::expandAsin(FloatMath &m, Value x) {
  auto [isFar, near] = halves(m, m.abs(x));
  Value twice = m.sub(m.add(near, near), m.number(halfPiRest));
  Value far = m.sub(m.number(M_PI_2), twice);
  return m.copySign(m.select(isFar, far, near), x);
}

// pi/2 - asin(x) up to 1/2; beyond it twice the asin of the root, or pi less
// that.
Value mpc::expandAcos(FloatMath &m, Value x) {
  auto [isFar, near] = halves(m, m.abs(x));
  Value isNegative = m.less(x, m.number(0));
  Value twice = m.add(near, near);
  Value far = m.select(
      isNegative, m.sub(m.number(M_PI), m.sub(twice, m.number(piRest))), twice);
  Value signedNear = m.copySign(near, x);
  Value middle =
      m.sub(m.number(M_PI_2), m.sub(signedNear, m.number(halfPiRest)));
  return m.select(isFar, far, middle);
}

// Of 1 / |x| beyond 1, as pi/2 less that. A minimax polynomial (Sollya), off by
// 2^-28.5.
Value mpc::expandAtan(FloatMath &m, Value x) {
  Value a = m.abs(x), one = m.number(1);
  Value isFar = m.greater(a, one);
  Value z = m.select(isFar, m.div(one, a), a);
  Value square = m.mul(z, z);
  Value p = m.polynomial(
      square,
      {-0.3333329856395721435546875, 0.1999853551387786865234375,
       -0.14264126121997833251953125, 0.10951654613018035888671875,
       -0.0840205624699592590, 0.0579358004033565521, -0.0311577655375003815,
       0.0109045365825295448, -0.00179150199983268976});
  Value near = m.fma(m.mul(z, square), p, z);
  Value far = m.sub(m.number(M_PI_2), m.sub(near, m.number(halfPiRest)));
  return m.copySign(m.select(isFar, far, near), x);
}
