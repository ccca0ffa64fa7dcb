// GPU code of a group: kernels side by side in one launch, each with a range of
// blocks of its own.
#ifndef MPC_COMPILER_LOWERING_GPU_GROUPCODE_H
#define MPC_COMPILER_LOWERING_GPU_GROUPCODE_H

#include "compiler/lowering/gpu/GpuEmitter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mpc {

/// The root of a kernel whose body is kernels.
inline constexpr llvm::StringLiteral groupRoot = "group";

/// How a phase of a group is launched: one dimension, no tensor maps.
GpuPhase groupPhase(KernelOp group, size_t phase);

/// Emits the body of `function`, whose parameters are the group's buffers, at
/// the builder, which stands before its return. Members with the same code
/// share it, as a function beside `function`.
mlir::LogicalResult emitGroup(mlir::OpBuilder &b, mlir::func::FuncOp function,
                              KernelOp group, size_t phase);

} // namespace mpc

#endif
