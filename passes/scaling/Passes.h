// The scaling phase: loss scale, overflow test and the skipped step.
#ifndef MPC_PASSES_SCALING_PASSES_H
#define MPC_PASSES_SCALING_PASSES_H

#include "compiler/dialect/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace mpc {

#define GEN_PASS_DECL
#include "passes/scaling/Passes.h.inc"

/// Makes the passes of this phase known by their flags.
void registerScalingPasses();

} // namespace mpc

#endif
