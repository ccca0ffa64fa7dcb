// The largest error of each function of one float, which docs/numerics.md
// states, MeasuredErrors asserts and Bounds.cpp relies on.
#ifndef MPC_TEST_NUMERICS_UNARYERRORS_H
#define MPC_TEST_NUMERICS_UNARYERRORS_H

#include "compiler/dialect/Dialect.h"
#include "compiler/formats/FloatFormat.h"
#include <optional>

namespace mpc::test {

struct UnaryError {
  UnaryFunction function;
  /// In units in the last place of the exact result as an f32; 0.5 is correctly
  /// rounded, 0 is exact.
  double ulps;
  /// As many smallest subnormals may be added. Products of x and a factor that
  /// is itself subnormal, and so rounded absolutely, have |x| of them.
  double subnormals = 0;
  /// What tests take for the parameters.
  float alpha = 0, beta = 0;
};

/// One row per function.
llvm::ArrayRef<UnaryError> unaryErrors();
const UnaryError &unaryError(UnaryFunction function);
/// The attributes of `mpc.unary` for it.
std::string functionAttributes(const UnaryError &row);
/// The same in braces, without the function.
std::string parametersOf(const UnaryError &row);

/// The logarithm to base 2 of a relative error before rounding to f16 or bf16;
/// 0 where there is no short form.
struct ShortError {
  int f16 = 0, bf16 = 0;

  /// The relative error for a format, or nothing.
  std::optional<double> in(formats::FloatFormat format) const;
};

/// Of functions that have a short form where the result is stored in 16 bits.
struct ShortErrors {
  UnaryFunction function;
  /// A 64th of the format's smallest subnormal may be added.
  ShortError of;
  /// Relative to the sum of the magnitudes of its terms. 2^-28 may be added to
  /// the derivative in f16, 2^-113 in bf16.
  ShortError ofDerivative;
};
llvm::ArrayRef<ShortErrors> shortErrors();
/// The row of a function, or one without short forms.
ShortErrors shortErrors(UnaryFunction function);

/// The error of pow, as that of a UnaryError.
inline constexpr double powUlps = 1;
/// Where operands and result are of 16 bits; as `of` in ShortErrors.
inline constexpr ShortError shortPowError = {-16, -12};
/// Of square roots on a GPU; elsewhere they are correctly rounded.
inline constexpr ShortError shortSqrtError = {-22, -22};

} // namespace mpc::test

#endif
