// pow of numbers of 16 bits: the short form.
#include "compiler/lowering/ScalarShort.h"
#include "compiler/lowering/ScalarShortParts.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

// log2(a) = k + f p(f) as in log, with a minimax polynomial off by 2^-22.2
// (f16) and 2^-19.8 (bf16); roundings add 2^-22.7. The product with y
// multiplies the error by up to 25 and 134, beyond which results leave the
// format.
static Value logOnCpu(FloatMath &m, BinaryLog split, Type stored) {
  Value p =
      stored.isF16()
          ? m.polynomial(
                split.f,
                {1.4426949024200439453125, -0.721352756023406982421875,
                 0.4809283912181854248046875, -0.360245287418365478515625,
                 0.286986649036407470703125, -0.24870406091213226318359375,
                 0.2347476780414581298828125, -0.14715565741062164306640625})
          : m.polynomial(split.f,
                         {1.44269645214080810546875, -0.721363544464111328125,
                          0.4806264936923980712890625,
                          -0.3593727052211761474609375,
                          0.2957041263580322265625, -0.269312322139739990234375,
                          0.17159916460514068603515625});
  return m.fma(split.f, p, split.k);
}

// Next to 1, where an absolute error will not do, f p(f) with f = a - 1 and a
// minimax polynomial, off by 2^-22.8 (f16) and 2^-19.8 (bf16); from there on
// the instruction errs by 2^-20.3 and 2^-18.8.
static Value logOnGpu(FloatMath &m, Value a, Value far, Type stored) {
  bool isF16 = stored.isF16();
  Value f = m.sub(a, m.number(1));
  Value p =
      isF16 ? m.polynomial(
                  f, {1.44269502162933349609375, -0.7213528156280517578125,
                      0.4809085428714752197265625, -0.3600018024444580078125,
                      0.28770732879638671875, -0.26150989532470703125,
                      0.22733308374881744384765625})
            : m.polynomial(
                  f, {1.44269359111785888671875, -0.72134482860565185546875,
                      0.4827454090118408203125, -0.3625223636627197265625});
  Value isNear = m.less(m.abs(f), m.number(isF16 ? 0.25 : 0.08));
  return m.select(isNear, m.mul(f, p), far);
}

// log2(a) of a number that is not subnormal, and of others as well.
static Value logTwo(FloatMath &m, Value a, Type stored) {
  if (isForGpu(m))
    return logOnGpu(m, a, gpuLog2(m, a), stored);
  BinaryLog split = shortSplit(m, a);
  split.k = m.mul(split.k, m.number(0x1p-23));
  return logOnCpu(m, split, stored);
}
static Value wholeLogTwo(FloatMath &m, Value a, Type stored) {
  if (isForGpu(m))
    return logOnGpu(m, a, gpuWholeLog2(m, a), stored);
  return logAtZeroAndInfinity(m, a, logOnCpu(m, splitExponent(m, a), stored));
}

// 2^(log y), for bf16 as the square of its root, as in exp. A GPU's instruction
// takes any number.
static Value powerOf(FloatMath &m, Value log, Value y, Type stored) {
  bool isF16 = stored.isF16();
  Value part = isF16 ? y : m.mul(y, m.number(0.5));
  if (!isForGpu(m)) {
    Value x = m.mul(log, y);
    log = isF16 ? m.clamp(x, -30, 20) : m.clamp(x, -140, 130);
    part = m.number(isF16 ? 1 : 0.5);
  }
  ShortPower e = shortExp2(m, log, part);
  Value root = m.mul(e.factor, e.power);
  return isF16 ? root : m.mul(root, root);
}

// What x of 0, subnormal or not finite, or y above 2^30, need, most do without.
// Numbers of 16 bits beyond 2^22 are even, and so are their sums in
// signedPower().
Value scalar::shortPow(FloatMath &m, Value x, Value y, Type stored) {
  Value a = m.abs(x);
  Value isOrdinary = m.both(m.lessOrEqual(m.number(0x1p-126), a),
                            m.lessOrEqual(a, m.number(0x1.fffffep127)));
  isOrdinary = m.both(isOrdinary, m.lessOrEqual(m.abs(y), m.number(0x1p30)));
  auto rare = [&](FloatMath &inner) {
    Value log = wholeLogTwo(inner, a, stored);
    Value power = powerOf(inner, log, y, stored);
    return wholePower(inner, power, x, y);
  };
  auto usual = [&](FloatMath &inner) {
    Value log = logTwo(inner, a, stored);
    Value power = powerOf(inner, log, y, stored);
    return signedPower(inner, power, x, y);
  };
  return unlessRare(m, m.negate(isOrdinary), rare, usual);
}
