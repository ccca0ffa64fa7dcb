// The optimizer phase: one step of the optimizer as a transaction on state.
#ifndef MPC_PASSES_OPTIMIZER_PASSES_H
#define MPC_PASSES_OPTIMIZER_PASSES_H

#include "compiler/dialect/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace mpc {

#define GEN_PASS_DECL
#include "passes/optimizer/Passes.h.inc"

/// Makes the passes of this phase known by their flags.
void registerOptimizerPasses();

} // namespace mpc

#endif
