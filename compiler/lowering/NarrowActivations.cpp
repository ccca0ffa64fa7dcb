#include "compiler/lowering/NarrowActivations.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

bool scalar::isStoredNarrow(Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  return element.isF16() || element.isBF16();
}

// 2^t for |t| up to 126: 2^(t - n) with n the integer nearest to t, and n added
// to its exponent. Adding 1.5 * 2^23 leaves n in the lowest bits of the sum,
// and those above them are shifted out. The polynomial is a minimax one,
// relatively off by 2^-18.6.
static Value shortPowerOf2(FloatMath &m, Value t) {
  Value shift = m.number(0x1.8p23);
  Value sum = m.add(t, shift);
  Value p =
      m.polynomial(m.sub(t, m.sub(sum, shift)),
                   {0.9999992847442627, 0.693121612071991, 0.24024738371372223,
                    0.055918898433446884, 0.009570315480232239});
  return m.fromBits(
      m.addInt(m.bits(p), m.shiftLeft(m.bits(sum), m.integer(23))));
}

// 1 / d for d from 1 to 2^127. The difference of bits is off by at most 0.0506,
// whose square each of Newton's steps leaves: 2^-17.2 after two. No quotient,
// since that branches on a GPU.
static Value shortReciprocal(FloatMath &m, Value d) {
  Value q = m.fromBits(m.subInt(m.integer(0x7ef31000), m.bits(d)));
  for (int step = 0; step < 2; ++step)
    q = m.fma(q, m.fma(m.neg(d), q, m.number(1)), q);
  return q;
}

namespace {
/// sigmoid(v) and exp(-v) with v = 2 sqrt(2 / pi) (x + 0.044715 x^3), for x
/// raised or lowered to +-10, where exp(-v) is 2^-126 or 2^126.
struct ShortSigmoid {
  Value x, of, e;
};
} // namespace

static constexpr double a = 1.5957691216057308, c = 0.044715;
static constexpr double log2e = 1.4426950408889634;

static ShortSigmoid geluSigmoid(FloatMath &m, Value given) {
  Value x = m.clamp(given, -10, 10);
  Value inner =
      m.fma(m.mul(x, x), m.number(-a * c * log2e), m.number(-a * log2e));
  Value e = shortPowerOf2(m, m.mul(x, inner));
  return {x, shortReciprocal(m, m.add(e, m.number(1))), e};
}

// `value` where x is at least -10, else 0.
static Value orZero(FloatMath &m, Value x, Value value) {
  return m.select(m.less(x, m.number(-10)), m.number(0), value);
}

Value scalar::narrowGeluTanh(FloatMath &m, Value x, bool isF16) {
  // -10 times 2^-126 is 0 in f16.
  Value factor = isF16 ? m.clamp(x, -10, HUGE_VAL) : orZero(m, x, x);
  return m.mul(factor, geluSigmoid(m, x).of);
}

// s + x s (1 - s) v'(x), and 1 - s = exp(-v) s.
Value scalar::narrowGeluTanhDerivative(FloatMath &m, Value x) {
  ShortSigmoid s = geluSigmoid(m, x);
  Value slope = m.fma(m.number(3 * c * a), m.mul(s.x, s.x), m.number(a));
  Value rest = m.fma(m.mul(s.x, m.mul(s.e, s.of)), slope, m.number(1));
  return m.mul(orZero(m, x, s.of), rest);
}
