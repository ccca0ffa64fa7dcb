// log and the inverses of the hyperbolic functions: short forms and those of
// their derivatives.
#include "compiler/lowering/ScalarShortParts.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

static Value notBelow(FloatMath &m, Value x, double bound) {
  return m.negate(m.less(m.abs(x), m.number(bound)));
}

//===-- log ---------------------------------------------------------------===//

// Next to 1, where an absolute error will not do, f p(f) with f = x - 1 and a
// minimax polynomial, off by 2^-19.9.
static Value logOnGpu(FloatMath &m, Value x) {
  Value f = m.sub(x, m.number(1));
  Value p = m.polynomial(
      f, {0.999998986721038818359375, -0.4999981224536895751953125,
          0.3346153795719146728515625, -0.2512837350368499755859375});
  Value far = m.mul(gpuWholeLog2(m, x), m.number(M_LN2));
  return m.select(m.less(m.abs(f), m.number(0.08)), m.mul(f, p), far);
}

// x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), as in
// splitExponent(), and f p(f) with a minimax polynomial, off by 2^-19.7 of
// log(1 + f). 0, subnormals, infinity and NaN take the exact form.
static Value logOnCpu(FloatMath &m, Value x) {
  Value a = m.abs(x);
  Value isNormal = m.both(m.negate(m.less(a, m.number(0x1p-126))),
                          m.less(a, m.number(HUGE_VAL)));
  auto exact = [&](FloatMath &inner) -> Value {
    return math::LogOp::create(inner.b, inner.loc, x);
  };
  auto usual = [&](FloatMath &inner) -> Value {
    BinaryLog split = shortSplit(inner, x);
    Value p = inner.polynomial(
        split.f, {1.00000095367431640625, -0.500011146068572998046875,
                  0.333146154880523681640625, -0.24909698963165283203125,
                  0.20494987070560455322265625, -0.1866801083087921142578125,
                  0.119006775319576263427734375});
    Value log = inner.fma(split.k, inner.number(0x1p-23 * M_LN2),
                          inner.mul(split.f, p));
    Value isNegative = inner.less(x, inner.number(0));
    return inner.select(isNegative, inner.number(NAN), log);
  };
  return unlessRare(m, m.negate(isNormal), exact, usual);
}

Value scalar::shortLog(FloatMath &m, Value x) {
  return isForGpu(m) ? logOnGpu(m, x) : logOnCpu(m, x);
}

//===-- asinh and acosh ---------------------------------------------------===//

// Above this squares overflow.
static constexpr double large = 0x1p60;

// asinh(w) up to 1/2: a minimax polynomial, off by 2^-20.6 (f16) and 2^-15.9
// (bf16).
static Value asinhNear(FloatMath &m, Value w, Value square, Type stored) {
  static constexpr double f16[] = {
      0.99999940395355224609375, -0.16658537089824676513671875,
      7.3286749422550201416015625e-2, -3.266768157482147216796875e-2};
  static constexpr double bf16[] = {0.999983727931976318359375,
                                    -0.165446102619171142578125,
                                    6.1073459684848785400390625e-2};
  ArrayRef<double> c = stored.isBF16() ? ArrayRef(bf16) : ArrayRef(f16);
  return m.mul(w, m.polynomial(square, c));
}

// `usual` unless |x| is large or NaN, where it is log(2 |x|).
static Value unlessLarge(FloatMath &m, Value x, Type stored,
                         llvm::function_ref<Value(FloatMath &)> usual) {
  Value isLarge = notBelow(m, x, large);
  auto rare = [&](FloatMath &inner) {
    Value a = inner.abs(x);
    Value log = inner.add(shortLogOfFar(inner, a, stored), inner.number(M_LN2));
    log = inner.select(inner.isFinite(a), log, a);
    return inner.select(isLarge, log, usual(inner));
  };
  return unlessRare(m, isLarge, rare, usual);
}

// Beyond 1/2 log(a + sqrt(a^2 + 1)) with a = |x|.
Value scalar::shortAsinh(FloatMath &m, Value x, Type stored) {
  auto usual = [&](FloatMath &inner) -> Value {
    Value a = inner.abs(x), square = inner.mul(x, x);
    Value root = shortRoots(inner, inner.add(square, inner.number(1))).root;
    Value far = shortLogOfFar(inner, inner.add(a, root), stored);
    return inner.select(inner.less(a, inner.number(0.5)),
                        asinhNear(inner, a, square, stored), far);
  };
  return m.copySign(unlessLarge(m, x, stored, usual), x);
}

// asinh(w) or log(x + w) with w = sqrt(x^2 - 1) = sqrt(t (t + 2)), t = x - 1.
Value scalar::shortAcosh(FloatMath &m, Value x, Type stored) {
  auto usual = [&](FloatMath &inner) -> Value {
    Value t = inner.sub(x, inner.number(1));
    Value square = inner.mul(t, inner.add(t, inner.number(2)));
    Value w = shortRoots(inner, square).root;
    Value far = shortLogOfFar(inner, inner.add(x, w), stored);
    Value isNear = inner.less(square, inner.number(0.25));
    return inner.select(isNear, asinhNear(inner, w, square, stored), far);
  };
  Value inside = unlessLarge(m, x, stored, usual);
  return m.select(m.less(x, m.number(1)), m.number(NAN), inside);
}

// 1 / sqrt(x^2 + 1), and of larger x 1 / |x|.
Value scalar::shortAsinhSlope(FloatMath &m, Value x) {
  auto rest = [&](FloatMath &inner) -> Value {
    Value a = inner.abs(x), one = inner.number(1);
    Value root = inner.sqrt(inner.fma(x, x, one));
    Value isLarge = inner.greater(a, inner.number(large));
    return inner.div(one, inner.select(isLarge, a, root));
  };
  auto usual = [&](FloatMath &inner) -> Value {
    return shortRoots(inner, inner.fma(x, x, inner.number(1))).inverse;
  };
  return unlessRare(m, notBelow(m, x, large), rest, usual);
}

// 1 / sqrt(x^2 - 1), in the same way.
Value scalar::shortAcoshSlope(FloatMath &m, Value x) {
  Value one = m.number(1), minus = m.number(-1);
  auto rest = [&](FloatMath &inner) -> Value {
    Value root = inner.sqrt(inner.fma(x, x, minus));
    Value isLarge = inner.greater(x, inner.number(large));
    return inner.div(one, inner.select(isLarge, x, root));
  };
  auto usual = [&](FloatMath &inner) -> Value {
    return shortRoots(inner, inner.fma(x, x, minus)).inverse;
  };
  Value inside = unlessRare(m, notBelow(m, x, large), rest, usual);
  return m.select(m.less(x, one), m.number(NAN), inside);
}

//===-- atanh -------------------------------------------------------------===//

// Up to 1/4 a minimax polynomial, off by 2^-19.7, beyond it half the difference
// of log(1 + x) and log(1 - x).
static Value atanhOnGpu(FloatMath &m, Value x) {
  Value one = m.number(1);
  Value logs = m.sub(gpuLog2(m, m.add(one, x)), gpuLog2(m, m.sub(one, x)));
  Value p = m.polynomial(m.mul(x, x),
                         {1.0000011920928955078125, 0.332993805408477783203125,
                          0.21420179307460784912109375});
  return m.select(m.less(m.abs(x), m.number(0.25)), m.mul(x, p),
                  m.mul(logs, m.number(M_LN2 / 2)));
}

// k ln 2 / 2 + atanh(s) as in the exact form; atanh(s) is a minimax polynomial,
// off by 2^-21.
static Value atanhOnCpu(FloatMath &m, Value x) {
  Value a = m.abs(x), one = m.number(1);
  AtanhParts parts = splitAtanh(m, a);
  Value s = m.mul(parts.numerator, shortReciprocal(m, parts.denominator));
  Value p = m.polynomial(m.mul(s, s), {1.00000035762786865234375,
                                       0.3331727683544158935546875,
                                       0.2097633779048919677734375});
  Value inside = m.fma(parts.k, m.number(0x1p-23 * M_LN2 / 2), m.mul(s, p));
  Value end = m.select(m.equal(a, one), m.number(HUGE_VAL), m.number(NAN));
  return m.flipSign(m.select(m.less(a, one), inside, end), x);
}

Value scalar::shortAtanh(FloatMath &m, Value x) {
  return isForGpu(m) ? atanhOnGpu(m, x) : atanhOnCpu(m, x);
}

// 1 / (1 - x^2), which is infinite at 1 as the reciprocal of 0 is.
Value scalar::shortAtanhSlope(FloatMath &m, Value x) {
  x = within(m, x, 0x1p60);
  return shortReciprocal(m, m.fma(m.neg(x), x, m.number(1)));
}
