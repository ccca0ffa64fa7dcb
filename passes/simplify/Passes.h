// The simplify phase: folds what needs no training to know.
#ifndef MPC_PASSES_SIMPLIFY_PASSES_H
#define MPC_PASSES_SIMPLIFY_PASSES_H

#include "compiler/dialect/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace mpc {

#define GEN_PASS_DECL
#include "passes/simplify/Passes.h.inc"

/// Makes the passes of this phase known by their flags.
void registerSimplifyPasses();

} // namespace mpc

#endif
