// What the plan phase needs to know of a kernel's code on the module's target.
#ifndef MPC_COMPILER_LOWERING_KERNELPLAN_H
#define MPC_COMPILER_LOWERING_KERNELPLAN_H

#include "compiler/lowering/Emitter.h"

namespace mpc {

struct KernelPlan {
  /// Independent parts of each phase: tiles, or blocks of a kernel that a GPU
  /// emitter of its own makes. No phase where the kernel writes nothing.
  llvm::SmallVector<int64_t> tiles;
  /// Scratch buffers that live through all phases.
  llvm::SmallVector<mlir::MemRefType> workspaces;
};

/// Fails with a diagnostic where no emitter has the kernel's root.
mlir::FailureOr<KernelPlan> planKernel(KernelOp kernel);

} // namespace mpc

#endif
