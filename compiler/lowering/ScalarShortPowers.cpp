// pow of numbers of 16 bits: the short form.
#include "compiler/lowering/ScalarShort.h"
#include "compiler/lowering/ScalarShortParts.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

// log2(|x|) = k + f p(f) as in log, with a minimax polynomial off by 2^-22.2
// (f16) and 2^-19.8 (bf16); roundings add 2^-22.7. The product with y
// multiplies the error by up to 25 and 134, beyond which results leave the
// format.
static Value logTwo(FloatMath &m, BinaryLog split, Type stored) {
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

// 2^x, for bf16 as the square of its root, as in exp.
static Value powerOfTwo(FloatMath &m, Value x, Type stored) {
  bool isF16 = stored.isF16();
  x = isF16 ? m.clamp(x, -30, 20) : m.clamp(x, -140, 130);
  ShortPower e = shortExp2(m, x, m.number(isF16 ? 1 : 0.5));
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
    Value log = logTwo(inner, splitExponent(inner, a), stored);
    log = logAtZeroAndInfinity(inner, a, log);
    Value power = powerOfTwo(inner, inner.mul(log, y), stored);
    return wholePower(inner, power, x, y);
  };
  auto usual = [&](FloatMath &inner) {
    BinaryLog split = shortSplit(inner, a);
    split.k = inner.mul(split.k, inner.number(0x1p-23));
    Value log = logTwo(inner, split, stored);
    Value power = powerOfTwo(inner, inner.mul(log, y), stored);
    return signedPower(inner, power, x, y);
  };
  return unlessRare(m, m.negate(isOrdinary), rare, usual);
}
