// Why an operator that has no row in the op table cannot be imported.
#ifndef MPC_FRONTEND_REFUSALS_H
#define MPC_FRONTEND_REFUSALS_H

#include "frontend/NodeImport.h"

namespace mpc::frontend {

/// Reports the reason and what the user can do about it (exit code 4).
/// `isFunction`: the model defines the operator itself.
void refuseOperator(NodeImport &node, bool isFunction);

} // namespace mpc::frontend

#endif
