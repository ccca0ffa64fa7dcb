// How a function of a GPU module is launched, as an attribute on it.
#ifndef MPC_COMPILER_LOWERING_GPU_LAUNCHATTR_H
#define MPC_COMPILER_LOWERING_GPU_LAUNCHATTR_H

#include "compiler/lowering/gpu/GpuEmitter.h"

namespace mpc {

/// A dictionary with `grid`, `block`, `shared_bytes`, `maps` and `waits`, whose
/// fields are those of docs/artifact.md, the size of a `cluster` of blocks, and
/// how many blocks should be `resident` on a multiprocessor.
inline constexpr llvm::StringLiteral launchAttrName = "mpc.launch";

mlir::DictionaryAttr launchAttr(mlir::MLIRContext *context,
                                const GpuPhase &phase);

/// The kernel that a function with a launch attribute is.
mpcrt::Kernel kernelOf(llvm::StringRef name, mlir::DictionaryAttr launch);

} // namespace mpc

#endif
