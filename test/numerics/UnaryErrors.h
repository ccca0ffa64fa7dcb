// The largest error of each function of one float on f32, which
// docs/numerics.md states, MeasuredErrors asserts and Bounds.cpp relies on.
#ifndef MPC_TEST_NUMERICS_UNARYERRORS_H
#define MPC_TEST_NUMERICS_UNARYERRORS_H

#include "compiler/dialect/Dialect.h"

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
/// Functions that have other arithmetic where the result is stored in 16 bits,
/// and its errors before they are rounded to that.
llvm::ArrayRef<UnaryError> narrowErrors();
/// Of a function whose result is stored like `result`.
const UnaryError &unaryError(UnaryFunction function, mlir::Value result);

/// The largest relative error of a factor in derivatives of functions that
/// have a row in narrowErrors(), and what may be added to that for a gradient
/// of 1.
inline constexpr double narrowRelative = 0x1p-16, narrowSmall = 0x1p-116;

/// The same for pow.
inline constexpr double powUlps = 1;

} // namespace mpc::test

#endif
