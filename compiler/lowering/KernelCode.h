// What the lower phase does alike for every target.
#ifndef MPC_COMPILER_LOWERING_KERNELCODE_H
#define MPC_COMPILER_LOWERING_KERNELCODE_H

#include "compiler/lowering/KernelPlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mpc {

/// The memref types of a kernel's buffers: inputs, results, workspaces.
llvm::SmallVector<mlir::Type>
bufferTypes(KernelOp kernel, llvm::ArrayRef<mlir::MemRefType> workspaces);

/// Emits phase `phase` of a kernel as a function of that name.
using EmitPhase = llvm::function_ref<mlir::FailureOr<mlir::func::FuncOp>(
    KernelOp kernel, const KernelPlan &plan, size_t phase,
    llvm::StringRef name)>;

/// Emits every distinct kernel of `module`, phase by phase, into the nested
/// module `image`, and names the functions in the kernels' `entries`. Equal
/// kernels share functions, unless these count in memory of their own: then
/// launches that are independent of each other would disturb each other.
mlir::LogicalResult lowerKernels(mlir::ModuleOp module, mlir::ModuleOp image,
                                 EmitPhase emit);

/// Whether no buffer of the kernel overlaps a result or a workspace. Only a
/// kernel without a root may run in place, element by element.
inline bool isApart(KernelOp kernel) { return kernel.getRootOp() != nullptr; }

/// Says so of those parameters of its function that are buffers.
void markApart(KernelOp kernel, mlir::func::FuncOp function, size_t firstBuffer,
               size_t endBuffer);

/// Text that two kernels share exactly if one function serves both: what they
/// compute, without where it comes from.
std::string codeKey(KernelOp kernel);

} // namespace mpc

#endif
