// What is decided of a matrix product with wgmma before its code is written:
// the tile, who computes which, and how operands are copied.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_WGMMAPLAN_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_WGMMAPLAN_H

#include "compiler/lowering/emit/gpu/WgmmaWork.h"

namespace mpc {

struct WgmmaPlan : GemmProblem {
  WgmmaTile tile;
  WgmmaWork work;
  WgmmaOperand left, right;

  /// With the tile that `mpc-choose-tiles` gave, else the one of
  /// chooseWgmmaTile().
  explicit WgmmaPlan(KernelOp kernel);
};

/// Rows or columns that one access of the tensor memory access unit moves, if
/// `blocks` share them: they take turns.
int64_t wgmmaBoxWidth(WgmmaOperand operand, int64_t width, int64_t blocks);

// Of the emitters, see GpuEmitter.
bool suitsWgmma(KernelOp kernel, Target target);
llvm::SmallVector<GpuPhase> wgmmaPhases(KernelOp kernel, Target target);

} // namespace mpc

#endif
