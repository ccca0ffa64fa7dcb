// Which buffers the functions of a kernel's phases use, and how.
#ifndef MPC_COMPILER_LOWERING_ARGUMENTACCESS_H
#define MPC_COMPILER_LOWERING_ARGUMENTACCESS_H

#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "runtime/artifact/Manifest.h"

namespace mpc {

/// The function `name` beside that of `entry`, one of the kernel's entries.
mlir::func::FuncOp functionNamed(KernelOp kernel, mlir::SymbolRefAttr entry,
                                 llvm::StringRef name);

/// Whether a phase's function uses a buffer, itself or through a tensor map;
/// buffers count inputs, results and workspaces.
bool usesBuffer(mlir::func::FuncOp function,
                llvm::ArrayRef<mpcrt::TensorMap> maps, size_t buffer);

/// Kernel::access of phase `phase`, whose function is `entry`: inputs are read,
/// results and workspaces written where the phase uses them at all.
std::string accessOf(KernelOp kernel, size_t phase, mlir::SymbolRefAttr entry,
                     llvm::ArrayRef<mpcrt::TensorMap> maps);

} // namespace mpc

#endif
