// The passes of the schedule phase.
#ifndef MPC_PASSES_SCHEDULE_PASSES_H
#define MPC_PASSES_SCHEDULE_PASSES_H

#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace mpc {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/schedule/Passes.h.inc"

/// Makes the passes of this folder known by their flags.
inline void registerSchedulePasses() { registermpc_schedulePasses(); }
} // namespace mpc

#endif
