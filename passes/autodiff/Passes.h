// The autodiff phase: the loss and the gradient of every parameter.
#ifndef MPC_PASSES_AUTODIFF_PASSES_H
#define MPC_PASSES_AUTODIFF_PASSES_H

#include "compiler/dialect/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace mpc {

#define GEN_PASS_DECL
#include "passes/autodiff/Passes.h.inc"

/// Makes the passes of this phase known by their flags.
void registerAutodiffPasses();

/// Attaches DifferentiableOpInterface to every op that has a derivative.
void registerDerivatives(mlir::DialectRegistry &registry);

} // namespace mpc

#endif
