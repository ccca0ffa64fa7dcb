// GPU code of a group: kernels side by side in one launch, each with a range of
// blocks of its own.
#ifndef MPC_COMPILER_LOWERING_GPU_GROUPCODE_H
#define MPC_COMPILER_LOWERING_GPU_GROUPCODE_H

#include "compiler/lowering/gpu/GpuEmitter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mpc {

/// How a phase of a group is launched: one dimension, no tensor maps, all
/// pointers in one parameter.
GpuPhase groupPhase(KernelOp group, size_t phase);

/// Which of the group's buffers (inputs, results, workspaces) each of those
/// pointers is.
llvm::SmallVector<size_t> groupTable(KernelOp group);

/// Each member with its function in phase `phase`, whose kernel is `entry`.
llvm::SmallVector<std::pair<KernelOp, std::string>>
groupFunctions(KernelOp group, size_t phase, llvm::StringRef entry);

/// Emits the body of `function`, whose parameter is that table, at the builder,
/// which stands before its return. Members with the same code share it, as a
/// function beside `function`.
mlir::LogicalResult emitGroup(mlir::OpBuilder &b, mlir::func::FuncOp function,
                              KernelOp group, size_t phase);

} // namespace mpc

#endif
