// What one launch of a kernel has to do.
#ifndef MPC_COMPILER_LOWERING_PHASEWORK_H
#define MPC_COMPILER_LOWERING_PHASEWORK_H

#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "runtime/artifact/Manifest.h"

namespace mpc {

/// Fills the bytes, operations and type of `launch`, phase `phase` of `kernel`,
/// whose function the lower phase made. A buffer is read or written in the
/// phases whose functions use it; `maps` are the function's tensor maps.
void describeWork(KernelOp kernel, size_t phase, mlir::func::FuncOp function,
                  llvm::ArrayRef<mpcrt::TensorMap> maps, mpcrt::Launch &launch);

} // namespace mpc

#endif
