// The IR as a policy sees it.
#ifndef MPC_PASSES_PRECISION_POLICYQUERIES_H
#define MPC_PASSES_PRECISION_POLICYQUERIES_H

#include "compiler/analysis/Policy.h"
#include "compiler/dialect/Dialect.h"

namespace mpc {

/// What rules may match of an op. Integers, floats, booleans, strings and lists
/// of integers are attributes; a unit attribute is true.
PolicyQuery queryFor(NodeOpInterface op);

bool isBackward(NodeOpInterface op);

/// The name of the model input or state that `value` is, or empty.
llvm::StringRef tensorName(mlir::Value value);

} // namespace mpc

#endif
