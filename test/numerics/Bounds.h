// How far the result of an op, computed in f32 in any order of summation, may
// lie from its formula.
#ifndef MPC_TEST_NUMERICS_BOUNDS_H
#define MPC_TEST_NUMERICS_BOUNDS_H

#include "compiler/reference/Interpreter.h"
#include "mlir/IR/Operation.h"
#include "test/numerics/Allowed.h"
#include <optional>

namespace mpc::test {

/// For each result of `op` and each element a bound on |computed - exact|,
/// where `computed` is what f32 arithmetic gives before it is rounded to the
/// result's type and `exact` the formula in Exact mode. Infinite where f32 may
/// overflow on the way, NaN where a finite result may also be NaN. Nothing for
/// an op whose every result is one correctly rounded operation or a copy: that
/// has to agree bit for bit.
using ErrorBounds = llvm::SmallVector<std::vector<double>>;
std::optional<ErrorBounds>
errorBounds(mlir::Operation *op,
            llvm::ArrayRef<const reference::Tensor *> inputs,
            llvm::ArrayRef<reference::Tensor> exact);

/// What one result of a compiled op may be: what lies within `bounds` of
/// `exact` (of the computation; the rounding to the result's type is added
/// here) or, without bounds, `rounded` alone, the reference in Rounded mode,
/// zeros with their signs. NaN must meet NaN. Integers must be equal.
Allowed allowedResult(const reference::Tensor &exact,
                      const reference::Tensor &rounded,
                      const std::vector<double> *bounds);

} // namespace mpc::test

#endif
