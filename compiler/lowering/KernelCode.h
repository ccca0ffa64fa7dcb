// What the lower phase does alike for every target.
#ifndef MPC_COMPILER_LOWERING_KERNELCODE_H
#define MPC_COMPILER_LOWERING_KERNELCODE_H

#include "compiler/lowering/Emitter.h"

namespace mpc {

/// Text that two kernels share exactly if one function serves both: what they
/// compute, without where it comes from.
std::string codeKey(KernelOp kernel);

/// Whether every op of the body is the root, elementwise or a splat; else a
/// diagnostic.
mlir::LogicalResult checkBody(KernelOp kernel);

/// The name of a function: "k3_gemm", or "k3_gemm_1" for phase 1 of several.
std::string functionName(KernelOp kernel, size_t number, size_t phase,
                         size_t phases);

/// The memref types of a kernel's buffers: inputs, results, workspaces.
llvm::SmallVector<mlir::Type>
bufferTypes(KernelOp kernel, llvm::ArrayRef<mlir::MemRefType> workspaces);

/// Whether no buffer of the kernel overlaps a result or a workspace. Only a
/// kernel without a root may run in place, element by element.
inline bool isApart(KernelOp kernel) { return rootOf(kernel) != nullptr; }

} // namespace mpc

#endif
