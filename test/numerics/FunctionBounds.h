// Bounds of functions of one float, their derivatives and pow.
#ifndef MPC_TEST_NUMERICS_FUNCTIONBOUNDS_H
#define MPC_TEST_NUMERICS_FUNCTIONBOUNDS_H

#include "compiler/dialect/Dialect.h"
#include "test/numerics/Bounds.h"

namespace mpc::test {

using Inputs = llvm::ArrayRef<const reference::Tensor *>;
using Exact = llvm::ArrayRef<reference::Tensor>;

std::optional<ErrorBounds> unaryBounds(UnaryOp op, Exact exact);
ErrorBounds unaryGradBounds(UnaryGradOp op, Inputs inputs);
/// None where square roots are correctly rounded.
std::optional<ErrorBounds> sqrtBounds(SqrtOp op, Exact exact);
ErrorBounds powBounds(PowOp op, Exact exact);

} // namespace mpc::test

#endif
