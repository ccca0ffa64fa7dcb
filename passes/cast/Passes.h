// The cast phase: types become what was decided.
#ifndef MPC_PASSES_CAST_PASSES_H
#define MPC_PASSES_CAST_PASSES_H

#include "compiler/dialect/Dialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mpc {

#define GEN_PASS_DECL
#include "passes/cast/Passes.h.inc"

/// Makes the passes of this phase known by their flags.
void registerCastPasses();

} // namespace mpc

#endif
