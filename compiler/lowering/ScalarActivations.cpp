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
Sigmoids scalar::sigmoids(FloatMath &m, Value x) {
  Value z = mathExp(m, m.neg(m.abs(x)));
  Value large = m.div(m.number(1), m.add(m.number(1), z));
  Value small = m.mul(z, large);
  Value isNegative = m.less(x, m.number(0));
  return {m.select(isNegative, small, large),
          m.select(isNegative, large, small)};
}

//===-- gelu --------------------------------------------------------------===//

static double rounded(double value) {
  return static_cast<double>(static_cast<float>(value));
}

// Tails may be subnormal and are computed times 2^64.
static constexpr int64_t lift = 64;
static Value dropped(FloatMath &m, Value x) {
  return m.mul(x, m.number(std::ldexp(1.0, -lift)));
}

namespace {
/// The integer next to x y, to which the bias of `sum` is added in its lowest
/// bits, and what is left.
struct Exponent {
  Value sum, rest;
};
} // namespace

static Exponent exponentOf(FloatMath &m, Value x, double y, int64_t bias) {
  Value large = m.number(0x1.8p23 + double(bias));
  Value sum = m.fma(x, m.number(y), large);
  Value rest = m.fma(x, m.number(rounded(y)), m.sub(large, sum));
  return {sum, m.fma(x, m.number(y - rounded(y)), rest)};
}

namespace {
/// exp(-a^2 / 2) and P(X < -a), both lifted.
struct Tail {
  Value power, probability;
};
} // namespace

// The tail is exp(-a^2 / 2) g(q) / (a + 4) with q = (a - 4) / (a + 4). g is a
// minimax polynomial (Sollya), off by 2^-25.5. What rounding a^2 loses is taken
// into account, since it would be multiplied by up to 100, and so is what
// rounding q loses, which g makes three times as much.
static Tail tailOf(FloatMath &m, Value a) {
  Value square = m.mul(a, a), lost = m.fma(a, a, m.neg(square));
  Exponent e = exponentOf(m, square, -M_LOG2E / 2, 127 + lift);
  Value r = m.fma(lost, m.number(-M_LOG2E / 2), e.rest);
  Value power = m.mul(exp2Near(m, r), m.power(m.bits(e.sum)));
  Value sum = m.add(a, m.number(4)), difference = m.sub(a, m.number(4));
  Value t = fineReciprocal(m, sum), q = m.mul(difference, t);
  q = m.fma(m.fma(m.neg(q), sum, difference), t, q);
  Value g = m.polynomial(
      q, {0.75528514385223388671875, -0.6078965663909912109375,
          0.3871366679668426513671875, -0.1865238249301910400390625,
          6.0405366122722625732421875e-2, -7.5229965150356292724609375e-3,
          -3.51550593040883541107177734375e-3, 1.565174199640750885009765625e-3,
          1.79788548848591744899749755859375e-4,
          -1.3034031144343316555023193359375e-4});
  return {power, m.mul(power, m.mul(t, g))};
}

namespace {
/// 1 / (1 + z) and, lifted, z / (1 + z) for z = exp(-v).
struct LiftedSigmoids {
  Value large, small;
};
} // namespace

// v = a (A + B a^2), a being positive. The exponents of both terms are taken
// apart from what is left of them, which is small and so exact; 2^r, r from -1
// to 1, is a minimax polynomial (Sollya), off by 2^-25.9.
static LiftedSigmoids geluTails(FloatMath &m, Value a) {
  static constexpr double c = 1.5957691216057308 * M_LOG2E;
  Value square = m.mul(a, a), squareLost = m.fma(a, a, m.neg(square));
  Value cube = m.mul(square, a);
  Value lost = m.fma(squareLost, a, m.fma(square, a, m.neg(cube)));
  Exponent linear = exponentOf(m, a, -c, 0);
  Exponent cubic = exponentOf(m, cube, -0.044715 * c, 127 + lift);
  Value r =
      m.fma(lost, m.number(-0.044715 * c), m.add(linear.rest, cubic.rest));
  Value p = m.polynomial(r, {1, 0.693147242069244384765625, 0.24022674560546875,
                             5.550365149974822998046875e-2,
                             9.616653434932231903076171875e-3,
                             1.334172673523426055908203125e-3,
                             1.5659342170692980289459228515625e-4,
                             1.49281377161969430744647979736328125e-5});
  Value z = m.mul(p, m.power(m.addInt(m.bits(linear.sum), m.bits(cubic.sum))));
  Value large = fineReciprocal(
      m, m.fma(z, m.number(std::ldexp(1.0, -lift)), m.number(1)));
  return {large, m.mul(z, large)};
}

// max(x, 0) - |x| tail. -0 stays, and is the result of large negative numbers.
// Where the tail is subnormal it is rounded absolutely; |x| in its place may be
// so small that nothing of it would be left.
static Value withoutTail(FloatMath &m, Value x, Value a, Value liftedTail) {
  Value isNegative = m.less(x, m.number(0));
  Value positive = m.select(isNegative, m.number(-0.0), x);
  return m.fma(m.neg(a), dropped(m, liftedTail), positive);
}

Value scalar::emitGelu(FloatMath &m, Value x) {
  Value a = m.clamp(m.abs(x), -HUGE_VAL, 15);
  return withoutTail(m, x, a, tailOf(m, a).probability);
}

Value scalar::emitGeluTanh(FloatMath &m, Value x) {
  Value a = m.clamp(m.abs(x), -HUGE_VAL, 11);
  return withoutTail(m, x, a, geluTails(m, a).small);
}

Normal scalar::normal(FloatMath &m, Value x) {
  Tail tail = tailOf(m, m.abs(x));
  Value below = dropped(m, tail.probability);
  Value isNegative = m.less(x, m.number(0));
  double factor = std::ldexp(M_2_SQRTPI * M_SQRT1_2 / 2, -lift);
  return {m.select(isNegative, below, m.sub(m.number(1), below)),
          m.mul(tail.power, m.number(factor))};
}

Sigmoids scalar::geluSigmoids(FloatMath &m, Value x) {
  LiftedSigmoids s = geluTails(m, m.abs(x));
  Value small = dropped(m, s.small), isNegative = m.less(x, m.number(0));
  return {m.select(isNegative, small, s.large),
          m.select(isNegative, s.large, small)};
}

//===----------------------------------------------------------------------===//

MishParts scalar::mishParts(FloatMath &m, Value x) {
  Value n = mathExp(m, x);
  return {n, m.mul(n, m.add(n, m.number(2)))};
}
