// What functions of one op or of several may give.
#ifndef MPC_TEST_NUMERICS_CHAINS_H
#define MPC_TEST_NUMERICS_CHAINS_H

#include "test/numerics/Bounds.h"

namespace mpc::test {

/// What each result of `function` may be on `arguments`: a value between two
/// ops is rounded to its type like any other, so each op is judged on what the
/// one before it may have stored. Ops behind one that does not agree bit for
/// bit must be elementwise and monotonic in the one operand that is uncertain:
/// then the ends of an interval lead to the ends of the next. Anything else is
/// a failed test.
std::vector<Allowed>
allowedResults(mlir::func::FuncOp function,
               llvm::ArrayRef<reference::Tensor> arguments);

} // namespace mpc::test

#endif
