// The layout phase: from here on a module is for one target.
#ifndef MPC_PASSES_LAYOUT_PASSES_H
#define MPC_PASSES_LAYOUT_PASSES_H

#include "compiler/dialect/Dialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mpc {

#define GEN_PASS_DECL
#include "passes/layout/Passes.h.inc"

/// Makes the passes of this phase known by their flags.
void registerLayoutPasses();

} // namespace mpc

#endif
