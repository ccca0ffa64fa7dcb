// Writes f32 arithmetic, on scalars or on vectors of one number of lanes, and
// the elementary functions made of it. Every fused multiply-add is one that is
// written here; nothing calls a library. docs/numerics.md states the errors.
#ifndef MPC_COMPILER_LOWERING_MATH_FLOATMATH_H
#define MPC_COMPILER_LOWERING_MATH_FLOATMATH_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"

namespace mpc {

class FloatMath {
public:
  using Value = mlir::Value;

  FloatMath(mlir::OpBuilder &b, mlir::Location loc, int64_t lanes)
      : b(b), loc(loc), lanes(lanes) {}

  Value number(double value);
  Value integer(int64_t value, unsigned width = 32);

  Value add(Value x, Value y);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  Value fma(Value x, Value y, Value z); ///< x * y + z, rounded once
  Value neg(Value x);
  Value abs(Value x);
  Value sqrt(Value x);
  Value floor(Value x);
  Value copySign(Value magnitude, Value sign);
  /// -x where `sign` is negative, else x: copySign() of what is not negative.
  Value flipSign(Value x, Value sign);
  /// c[0] + c[1] x + c[2] x^2 + ..., by Horner's rule.
  Value polynomial(Value x, llvm::ArrayRef<double> c);
  /// x 2^k for an i32 k of magnitude up to 252. Two exact steps but for the
  /// rounding of the last, so that subnormal results are rounded once.
  Value scale(Value x, Value k);

  Value less(Value x, Value y);        ///< false for NaN
  Value greater(Value x, Value y);     ///< false for NaN
  Value lessOrEqual(Value x, Value y); ///< false for NaN
  Value equal(Value x, Value y);       ///< false for NaN
  Value isNan(Value x);
  Value isFinite(Value x);
  Value both(Value p, Value q);
  Value either(Value p, Value q);
  Value negate(Value p); ///< of a condition
  Value any(Value p);    ///< whether a lane holds it, as one i1
  Value select(Value condition, Value x, Value y);
  /// x within low..high, and NaN as it is.
  Value clamp(Value x, double low, double high);

  Value bits(Value x);     ///< as i32
  Value fromBits(Value x); ///< from i32
  /// 2^n of a normal exponent, n and its bias standing in the lowest bits of an
  /// i32; the bits above are dropped.
  Value power(Value biased);
  Value addInt(Value x, Value y);
  Value subInt(Value x, Value y);
  Value andInt(Value x, Value y);
  Value orInt(Value x, Value y);
  Value xorInt(Value x, Value y);
  Value shiftLeft(Value x, Value y);
  Value shiftRight(Value x, Value y); ///< arithmetic
  Value equalInt(Value x, Value y);
  Value toFloat(Value x); ///< of a signed integer

  /// The nearest integer to x * factor, as f32 and i32, for magnitudes below
  /// 2^22. Unlike a conversion it is defined for NaN, though without meaning.
  std::pair<Value, Value> nearestInteger(Value x, double factor);

  mlir::OpBuilder &b;
  mlir::Location loc;
  int64_t lanes;

private:
  mlir::Type f32();
};

// The functions. Each is correct for every f32, NaN, infinities and zeros of
// both signs included.
mlir::Value expandExp(FloatMath &m, mlir::Value x);
/// exp(x) / 2, which overflows later than exp(x).
mlir::Value expandHalfExp(FloatMath &m, mlir::Value x);
/// exp(x), to the last bit, for x up to 64.
mlir::Value expandLowExp(FloatMath &m, mlir::Value x);
mlir::Value expandExpM1(FloatMath &m, mlir::Value x);
/// 2^r for r of magnitude up to 1/2, up to 2^-28 of it before rounding.
mlir::Value exp2Near(FloatMath &m, mlir::Value r);
mlir::Value expandSinh(FloatMath &m, mlir::Value x);
mlir::Value expandCosh(FloatMath &m, mlir::Value x);
mlir::Value expandTanh(FloatMath &m, mlir::Value x);
mlir::Value expandLog(FloatMath &m, mlir::Value x);
/// The same of positive numbers that are neither subnormal nor infinite; also
/// NaN of NaN.
mlir::Value expandLogOfNormal(FloatMath &m, mlir::Value x);
/// log(1 + exp(x)).
mlir::Value expandSoftplus(FloatMath &m, mlir::Value x);
mlir::Value expandAsinh(FloatMath &m, mlir::Value x);
mlir::Value expandAcosh(FloatMath &m, mlir::Value x);
mlir::Value expandAtanh(FloatMath &m, mlir::Value x);
mlir::Value expandSin(FloatMath &m, mlir::Value x);
mlir::Value expandCos(FloatMath &m, mlir::Value x);
mlir::Value expandTan(FloatMath &m, mlir::Value x);
mlir::Value expandAsin(FloatMath &m, mlir::Value x);
mlir::Value expandAcos(FloatMath &m, mlir::Value x);
mlir::Value expandAtan(FloatMath &m, mlir::Value x);
mlir::Value expandErf(FloatMath &m, mlir::Value x);
/// x^y as IEEE 754 pow.
mlir::Value expandPow(FloatMath &m, mlir::Value x, mlir::Value y);
/// x^y, given |x|^y: its sign, and NaN where x is negative and y no integer.
/// For y up to 2^22, or 2^30 where it has no more than 12 bits.
mlir::Value signedPower(FloatMath &m, mlir::Value power, mlir::Value x,
                        mlir::Value y);

/// The same for every x and y, special cases included.
mlir::Value wholePower(FloatMath &m, mlir::Value magnitude, mlir::Value x,
                       mlir::Value y);
/// What log2(a) is at 0 and infinity, and `inside` elsewhere.
mlir::Value logAtZeroAndInfinity(FloatMath &m, mlir::Value a,
                                 mlir::Value inside);

/// The remainder of x / y with the sign of x, exact.
mlir::Value expandFmod(FloatMath &m, mlir::Value x, mlir::Value y);
/// The same with the sign of y: where it is not 0 and x has the other sign, y
/// is added to it.
mlir::Value expandMod(FloatMath &m, mlir::Value x, mlir::Value y);

/// x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); both are f32. For
/// positive finite x.
struct BinaryLog {
  mlir::Value f, k;
};
BinaryLog splitExponent(FloatMath &m, mlir::Value x);

/// atanh(a) = k 2^-23 ln 2 / 2 + atanh(s) for a from 0 to below 1, where s is
/// the quotient and not above 0.21.
struct AtanhParts {
  mlir::Value numerator, denominator, k;
};
AtanhParts splitAtanh(FloatMath &m, mlir::Value a);

/// Whether the code is for a GPU, which has instructions for some functions.
bool isForGpu(FloatMath &m);
/// log2(x) by such an instruction, up to 2^-22 of it and, from 1/2 to 2, 2^-22.
/// Subnormals are zeros to the first.
mlir::Value gpuLog2(FloatMath &m, mlir::Value x);
mlir::Value gpuWholeLog2(FloatMath &m, mlir::Value x);

/// 2^(x y + shift) = factor * power, up to 2^-18.4 of it. The sum must be from
/// -126 to 127, for x above `least`; below that x counts as `least` or the
/// power as 0. NaN is in the factor. On a GPU, which has an instruction for
/// it, the factor is all of it; elsewhere it is about 0.7 to 1.42.
struct ShortPower {
  mlir::Value factor, power;
};
ShortPower shortExp2(FloatMath &m, mlir::Value x, mlir::Value y,
                     int64_t shift = 0, double least = -HUGE_VAL);
/// exp(x) up to 2^-20 of it and, for each unit of x, 2^-24 of it. 1 at 0, so
/// that the logarithm of a sum with such a term is as exact.
mlir::Value shortWholeExp(FloatMath &m, mlir::Value x);
/// 1 / x up to 2^-20 of it, for magnitudes from 2^-126 to 2^125, 0 or NaN,
/// without the branch that a division has for other numbers. A GPU has an
/// instruction for it.
mlir::Value shortReciprocal(FloatMath &m, mlir::Value x);
/// The same by arithmetic alone, for what is to have the same bits everywhere.
mlir::Value newtonReciprocal(FloatMath &m, mlir::Value x);
/// shortReciprocal() with a Newton step more, right but for a unit in the last
/// place.
mlir::Value fineReciprocal(FloatMath &m, mlir::Value x);
/// The square root, up to 2^-22 of it.
mlir::Value shortSqrt(FloatMath &m, mlir::Value x);
/// The square root of x and its inverse up to 2^-20 of them, for x from 2^-126
/// to 2^126. Of 0 they are 0 and infinite, below 0 and of NaN they are NaN.
struct ShortRoots {
  mlir::Value root, inverse;
};
ShortRoots shortRoots(FloatMath &m, mlir::Value x);
/// As splitExponent() for numbers that are not subnormal; `k` is 2^23 times it.
BinaryLog shortSplit(FloatMath &m, mlir::Value x);
/// log(x) up to 2^-18.6, or 2^-14 for bf16, absolute and not relative to it
/// where it is below 1, for x from 2^-126 to 2^127.
mlir::Value shortLogOfFar(FloatMath &m, mlir::Value x, mlir::Type stored);

/// `exact` for all lanes if `isRare` holds for any, else `usual`.
mlir::Value unlessRare(FloatMath &m, mlir::Value isRare,
                       llvm::function_ref<mlir::Value(FloatMath &)> exact,
                       llvm::function_ref<mlir::Value(FloatMath &)> usual);

/// Rewrites the transcendental ops of the math dialect on f32 into arithmetic.
void populateExpandMathPatterns(mlir::RewritePatternSet &patterns);

} // namespace mpc

#endif
