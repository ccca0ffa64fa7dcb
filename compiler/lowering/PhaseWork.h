// What the launches of a kernel have to do.
#ifndef MPC_COMPILER_LOWERING_PHASEWORK_H
#define MPC_COMPILER_LOWERING_PHASEWORK_H

#include "compiler/dialect/Dialect.h"
#include "runtime/artifact/Manifest.h"

namespace mpc {

/// Fills the bytes, operations and type of `launches`, which are the phases of
/// `kernel` after the lower phase. A buffer is read or written in the phases
/// whose functions use it; a workspace is written in the first of them and read
/// in the others. The root and what it depends on are computed in the phase
/// that reads most of the operands, the other ops in the last one.
void describeWork(KernelOp kernel, llvm::ArrayRef<mpcrt::Kernel> kernels,
                  llvm::MutableArrayRef<mpcrt::Launch> launches);

} // namespace mpc

#endif
