// sin, cos and tan for every f32.
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/math/FloatMath.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mpc;

namespace {
/// x = k pi / 2 + r with |r| <= pi / 4, a little more next to it.
struct Angle {
  Value r, k;
};
} // namespace

// pi / 2 in three parts of 24 bits.
static constexpr double halfPi[] = {0x1.921fb6p0, -0x1.777a5cp-25,
                                    -0x1.ee59dap-50};

// Up to here the parts of pi / 2 suffice: k has 16 bits, the difference to the
// first product is exact because k halfPi[0] is a multiple of 2^-23, and no f32
// comes so near to a multiple of pi / 2 that the rest is lost.
static constexpr double nearLimit = 0x1p16;

static Angle reduceNear(FloatMath &m, Value x) {
  auto [n, k] = m.nearestInteger(x, 0.63661977236758134);
  Value r = x;
  for (double part : halfPi)
    r = m.fma(n, m.number(-part), r);
  return {r, k};
}

// Payne and Hanek (1983): |x| = M 2^E with an integer M of 24 bits. Of 2 / pi
// only the bits of weight 2^(1 - E) and less matter, since those above give
// multiples of 4 quarter turns; 96 of them suffice. 64 bits of the product are
// kept: two for the quadrant, 62 behind the point.
static Angle reduceFar(FloatMath &m, Value x) {
  // 2 / pi behind the point, after 32 zeros.
  static constexpr int64_t words[] = {0,          0xa2f9836e, 0x4e441529,
                                      0xfc2757d1, 0xf534ddc0, 0xdb629599,
                                      0x3c439041, 0xfe5163ab};
  OpBuilder &b = m.b;
  auto wide = [&](int64_t value) { return m.integer(value, 64); };
  auto shiftRight = [&](Value v, Value by) -> Value {
    return arith::ShRUIOp::create(b, m.loc, v, by);
  };
  auto times = [&](Value v, Value w) -> Value {
    return arith::MulIOp::create(b, m.loc, v, w);
  };
  Value bits = arith::ExtUIOp::create(
      b, m.loc, withLanes(b.getI64Type(), m.lanes), m.bits(m.abs(x)));
  Value mantissa = m.addInt(m.andInt(bits, wide(0x7fffff)), wide(0x800000));
  // The window's first bit, counted from the start of `words`: E + 30, with E
  // the biased exponent less 150.
  Value first = m.subInt(shiftRight(bits, wide(23)), wide(120));
  Value word = shiftRight(first, wide(5)), bit = m.andInt(first, wide(31));

  auto wordAt = [&](size_t offset) {
    Value chosen = wide(words[offset]);
    for (size_t i = 1; i <= 4; ++i)
      chosen = m.select(m.equalInt(word, wide(int64_t(i))),
                        wide(words[i + offset]), chosen);
    return chosen;
  };
  auto windowAt = [&](Value high, Value low) {
    Value pair = m.addInt(m.shiftLeft(high, wide(32)), low);
    return shiftRight(m.shiftLeft(pair, bit), wide(32));
  };
  Value w[] = {wordAt(0), wordAt(1), wordAt(2), wordAt(3)};
  Value product = m.shiftLeft(times(mantissa, windowAt(w[0], w[1])), wide(32));
  product = m.addInt(product, times(mantissa, windowAt(w[1], w[2])));
  product = m.addInt(
      product, shiftRight(times(mantissa, windowAt(w[2], w[3])), wide(32)));

  Value quadrant =
      shiftRight(m.addInt(product, wide(int64_t(1) << 61)), wide(62));
  Value rest = m.subInt(product, m.shiftLeft(quadrant, wide(62)));
  Value turns = m.mul(m.toFloat(rest), m.number(0x1p-62));
  Value r =
      m.fma(turns, m.number(halfPi[1]), m.mul(turns, m.number(halfPi[0])));
  Value k = arith::TruncIOp::create(
      b, m.loc, withLanes(b.getI32Type(), m.lanes), quadrant);
  Value isNegative = m.less(x, m.number(0));
  return {m.select(isNegative, m.neg(r), r),
          m.select(isNegative, m.subInt(m.integer(0), k), k)};
}

// The far form is for few, so all lanes skip it together if they can.
static Angle reduce(FloatMath &m, Value x) {
  Angle near = reduceNear(m, x);
  Value isFar = m.both(m.greater(m.abs(x), m.number(nearLimit)), m.isFinite(x));
  auto branch = scf::IfOp::create(
      m.b, m.loc, m.any(isFar),
      [&](OpBuilder &b, Location loc) {
        FloatMath inner(b, loc, m.lanes);
        Angle far = reduceFar(inner, x);
        scf::YieldOp::create(b, loc,
                             ValueRange{inner.select(isFar, far.r, near.r),
                                        inner.select(isFar, far.k, near.k)});
      },
      [&](OpBuilder &b, Location loc) {
        scf::YieldOp::create(b, loc, ValueRange{near.r, near.k});
      });
  return {branch.getResult(0), branch.getResult(1)};
}

// Minimax polynomials (Sollya) on +-0.7855, off by 2^-28 and 2^-33.
static Value sinNear(FloatMath &m, Value r) {
  Value square = m.mul(r, r);
  Value p =
      m.polynomial(square, {-0.16666655242443084716796875,
                            0.00833218917250633243, -0.000195182845345697297});
  return m.fma(m.mul(r, square), p, r);
}
static Value cosNear(FloatMath &m, Value r) {
  Value square = m.mul(r, r);
  Value p =
      m.polynomial(square, {-0.5, 0.0416666455566883087,
                            -0.00138873106334358454, 0.0000244325638050213455});
  return m.fma(square, p, m.number(1));
}

static Value hasBit(FloatMath &m, Value k, int64_t bit) {
  return m.equalInt(m.andInt(k, m.integer(bit)), m.integer(bit));
}

// sin(r + k pi / 2)
static Value sinOf(FloatMath &m, Angle angle) {
  Value y =
      m.select(hasBit(m, angle.k, 1), cosNear(m, angle.r), sinNear(m, angle.r));
  return m.select(hasBit(m, angle.k, 2), m.neg(y), y);
}

// A zero keeps its sign: the reduction adds +0 to it.
Value mpc::expandSin(FloatMath &m, Value x) {
  return m.select(m.equal(x, m.number(0)), x, sinOf(m, reduce(m, x)));
}

Value mpc::expandCos(FloatMath &m, Value x) {
  Angle angle = reduce(m, x);
  return sinOf(m, {angle.r, m.addInt(angle.k, m.integer(1))});
}

// sin / cos, or -cos / sin in odd quadrants.
Value mpc::expandTan(FloatMath &m, Value x) {
  Angle angle = reduce(m, x);
  Value isOdd = hasBit(m, angle.k, 1);
  Value sine = sinNear(m, angle.r), cosine = cosNear(m, angle.r);
  Value y = m.div(m.select(isOdd, m.neg(cosine), sine),
                  m.select(isOdd, sine, cosine));
  return m.select(m.equal(x, m.number(0)), x, y);
}
