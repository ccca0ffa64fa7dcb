// The launches of a lowered module, for the manifest.
#ifndef MPC_COMPILER_LOWERING_LAUNCHES_H
#define MPC_COMPILER_LOWERING_LAUNCHES_H

#include "mlir/IR/BuiltinOps.h"
#include "runtime/artifact/Manifest.h"
#include "llvm/ADT/StringMap.h"

namespace mpc {

/// Fills kernels and entries of `target`: one launch per phase of each kernel,
/// in order. `kernels` are the functions of the image.
mpcrt::Status addLaunches(mlir::ModuleOp module,
                          const llvm::StringMap<mpcrt::Kernel> &kernels,
                          mpcrt::Target &target);

} // namespace mpc

#endif
