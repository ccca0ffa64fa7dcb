// The launches of a lowered module, for the manifest.
#ifndef MPC_COMPILER_LOWERING_LAUNCHES_H
#define MPC_COMPILER_LOWERING_LAUNCHES_H

#include "compiler/lowering/CpuImage.h"
#include "runtime/artifact/Manifest.h"

namespace mpc {

/// Fills kernels and entries of `target`: one launch per phase of each kernel,
/// in order.
mpcrt::Status addLaunches(mlir::ModuleOp module, const CpuImage &image,
                          mpcrt::Target &target);

} // namespace mpc

#endif
