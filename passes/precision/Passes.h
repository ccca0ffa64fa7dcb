// The precision phase: which format each value is stored and read in.
#ifndef MPC_PASSES_PRECISION_PASSES_H
#define MPC_PASSES_PRECISION_PASSES_H

#include "compiler/dialect/Dialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mpc {

#define GEN_PASS_DECL
#include "passes/precision/Passes.h.inc"

/// Makes the passes of this phase known by their flags.
void registerPrecisionPasses();

} // namespace mpc

#endif
