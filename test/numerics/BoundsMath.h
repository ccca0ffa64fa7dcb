// Notation: u = 2^-24, the largest relative error of one f32 operation;
// gamma(k) = k u / (1 - k u), that of k in a row (Higham 2002, "Accuracy and
// Stability of Numerical Algorithms", lemma 3.1). A sum of k terms in any order
// errs by at most gamma(k - 1) times the sum of magnitudes, a sum of k products
// by gamma(k) (section 4.2 and 3.1 there). Where a result may be subnormal each
// product adds at most half of the smallest subnormal f32.
//
// exp and log of --math=portable are off by less than 2 ulp of f32, which is a
// relative error of at most 4 u.
#ifndef MPC_TEST_NUMERICS_BOUNDSMATH_H
#define MPC_TEST_NUMERICS_BOUNDSMATH_H

#include "test/numerics/Bounds.h"
#include <cmath>

namespace mpc::test::bounds {

using Inputs = llvm::ArrayRef<const reference::Tensor *>;
using Exact = llvm::ArrayRef<reference::Tensor>;
using Errors = std::vector<double>;

inline const double u = formats::info(formats::FloatFormat::F32).unitRoundoff();
inline const double tiny =
    formats::info(formats::FloatFormat::F32).smallestSubnormal();
inline const double elementaryError = 4 * u;

inline double gammaOf(double k) { return k * u / (1 - k * u); }

/// For ops that are linear in each of their first `factors` operands with
/// coefficients 0 or more: the sum of magnitudes of all terms is the op on the
/// magnitudes of these operands.
ErrorBounds sumBounds(mlir::Operation *op, Inputs inputs, double roundings,
                      size_t factors = 3);

/// The relative error of exp(-d): its own, and that of the argument for each d.
struct PowerErrors {
  double own = elementaryError, ofDepth = u;
};
/// Of the short form. 2^(d / ln 2) errs by 2^-18.4, by the rounding of what is
/// left of the exponent and, since 1 / ln 2 is rounded, by at most u d more.
inline const PowerErrors shortPowers = {0x1p-18 * 0.8, 2 * u};
/// Of the short form of 1 / s.
inline constexpr double shortInverseError = 0x1p-20;

/// Softmax of one row: s = sum(exp(x - m)), with relative error `ofSum`. The
/// smallest is that of the finite ones.
struct SoftmaxRow {
  double largest = -INFINITY, smallest = INFINITY, sum = 0, ofSum = 0;
};
SoftmaxRow softmaxRow(const reference::Tensor &logits,
                      llvm::ArrayRef<int64_t> row, PowerErrors powers = {});
/// The positions along `axis`, for every index of the other dimensions.
llvm::SmallVector<llvm::SmallVector<int64_t>>
rowsAlong(llvm::ArrayRef<int64_t> shape, int64_t axis);

/// Of reductions, softmax and normalisation by rows; nothing for other ops.
std::optional<ErrorBounds> rowBounds(mlir::Operation *op, Inputs inputs,
                                     Exact exact);
/// Of losses and their gradients.
std::optional<ErrorBounds> lossBounds(mlir::Operation *op, Inputs inputs,
                                      Exact exact);

} // namespace mpc::test::bounds

#endif
