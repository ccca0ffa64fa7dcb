// fmod and mod: by a quotient of f32 where it is small, else by division of the
// significands as integers.
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/math/FloatMath.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <cmath>

using namespace mlir;
using namespace mpc;

namespace {
/// |x| = significand 2^(exponent - 149), the significand an i32 of 24 bits, the
/// exponent an i32 that is 0 for subnormals.
struct Significand {
  Value significand, exponent;
};
} // namespace

static Significand split(FloatMath &m, Value x) {
  Value bits = m.bits(m.abs(x)), zero = m.integer(0);
  Value fraction = m.andInt(bits, m.integer(0x7fffff));
  Value field = m.shiftRight(bits, m.integer(23));
  Value isSubnormal = m.equalInt(field, zero);
  Value normal = m.addInt(fraction, m.integer(0x800000));
  return {m.select(isSubnormal, fraction, normal),
          m.select(isSubnormal, zero, m.subInt(field, m.integer(1)))};
}

// significand * 2^difference modulo `divisor`, 8 bits at a time, until no lane
// has any left.
static Value reduce(FloatMath &m, Value significand, Value difference,
                    Value divisor) {
  Value first = arith::RemUIOp::create(m.b, m.loc, significand, divisor);
  auto loop = scf::WhileOp::create(
      m.b, m.loc, TypeRange{first.getType(), difference.getType()},
      ValueRange{first, difference},
      [&](OpBuilder &b, Location loc, ValueRange v) {
        FloatMath inner(b, loc, m.lanes);
        Value isLeft = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt,
                                             v[1], inner.integer(0));
        scf::ConditionOp::create(b, loc, inner.any(isLeft), v);
      },
      [&](OpBuilder &b, Location loc, ValueRange v) {
        FloatMath inner(b, loc, m.lanes);
        Value most = inner.integer(8), none = inner.integer(0);
        Value step = arith::MinSIOp::create(b, loc, v[1], most);
        step = arith::MaxSIOp::create(b, loc, step, none);
        Value shifted = inner.shiftLeft(v[0], step);
        Value rest = arith::RemUIOp::create(b, loc, shifted, divisor);
        scf::YieldOp::create(b, loc,
                             ValueRange{rest, inner.subInt(v[1], step)});
      });
  return loop.getResult(0);
}

// significand 2^(exponent - 149), which is an f32.
static Value join(FloatMath &m, Value significand, Value exponent) {
  return m.scale(m.toFloat(significand), m.subInt(exponent, m.integer(149)));
}

static Value exactFmod(FloatMath &m, Value x, Value y) {
  Significand a = split(m, x), b = split(m, y);
  Value zero = m.number(0);
  Value isUndefined = m.equal(y, zero);
  Value one = m.integer(1);
  Value divisor =
      m.select(m.equalInt(b.significand, m.integer(0)), one, b.significand);
  Value rest =
      reduce(m, a.significand, m.subInt(a.exponent, b.exponent), divisor);
  Value result = m.copySign(join(m, rest, b.exponent), x);
  result = m.select(m.less(m.abs(x), m.abs(y)), x, result);
  Value nan = m.number(NAN);
  result = m.select(m.isFinite(x), result, nan);
  result = m.select(isUndefined, nan, result);
  return m.select(m.isNan(y), y, result);
}

// A remainder that is not 0 and has the other sign is moved by the divisor.
static Value exactMod(FloatMath &m, Value x, Value y) {
  Value rest = exactFmod(m, x, y), zero = m.number(0);
  Value hasOther =
      m.select(m.less(y, zero), m.greater(rest, zero), m.less(rest, zero));
  Value moved = m.select(hasOther, m.add(rest, y), rest);
  return m.select(m.equal(rest, zero), m.copySign(zero, y), moved);
}

namespace {
/// |x| - n |y| with an integer n near to the quotient.
struct Nearest {
  Value rest, isRare;
};
} // namespace

// Up to 2^18 the quotient errs by less than a quarter, so that the rest is
// within 3/4 |y|. It is a multiple of the last places of x and y and no larger
// than either, hence exact. NaN is rare, too.
static Nearest nearest(FloatMath &m, Value x, Value y) {
  Value a = m.abs(x), b = m.abs(y), large = m.number(0x1.8p23);
  Value n = m.sub(m.fma(a, shortReciprocal(m, b), large), large);
  Value isOrdinary = m.both(m.lessOrEqual(m.number(0x1p-126), b),
                            m.lessOrEqual(b, m.number(0x1p125)));
  isOrdinary = m.both(isOrdinary, m.lessOrEqual(n, m.number(0x1p18)));
  return {m.fma(m.neg(n), b, a), m.negate(isOrdinary)};
}

static Value raised(FloatMath &m, Value rest, Value y) {
  Value isLow = m.less(rest, m.number(0));
  return m.select(isLow, m.add(rest, m.abs(y)), rest);
}

// `exact` of each lane that is rare, one after another: together they would
// take more registers than all the rest.
static Value laneByLane(FloatMath &m, Value isRare, Value x, Value y,
                        Value usual,
                        Value (*exact)(FloatMath &, Value, Value)) {
  if (m.lanes == 1)
    return exact(m, x, y);
  for (int64_t lane = 0; lane < m.lanes; ++lane) {
    auto at = [&](Value v) -> Value {
      return vector::ExtractOp::create(m.b, m.loc, v, lane);
    };
    FloatMath one(m.b, m.loc, 1);
    Value left = at(x), right = at(y), other = at(usual);
    Value result = unlessRare(
        one, at(isRare),
        [&](FloatMath &inner) { return exact(inner, left, right); },
        [&](FloatMath &) { return other; });
    usual = vector::InsertOp::create(m.b, m.loc, result, usual, lane);
  }
  return usual;
}

Value mpc::expandFmod(FloatMath &m, Value x, Value y) {
  Nearest near = nearest(m, x, y);
  auto usual = [&](FloatMath &inner) {
    return inner.flipSign(raised(inner, near.rest, y), x);
  };
  auto rare = [&](FloatMath &inner) {
    return laneByLane(inner, near.isRare, x, y, usual(inner), exactFmod);
  };
  return unlessRare(m, near.isRare, rare, usual);
}

// Where the signs differ it is the rest of -|x|.
Value mpc::expandMod(FloatMath &m, Value x, Value y) {
  Nearest near = nearest(m, x, y);
  auto usual = [&](FloatMath &inner) {
    Value rest = inner.flipSign(inner.flipSign(near.rest, x), y);
    return inner.flipSign(inner.abs(raised(inner, rest, y)), y);
  };
  auto rare = [&](FloatMath &inner) {
    return laneByLane(inner, near.isRare, x, y, usual(inner), exactMod);
  };
  return unlessRare(m, near.isRare, rare, usual);
}
