// From the nested module of a GPU target to one linked module: PTX or a cubin.
#ifndef MPC_COMPILER_LOWERING_GPU_GPUIMAGE_H
#define MPC_COMPILER_LOWERING_GPU_GPUIMAGE_H

#include "compiler/analysis/Target.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/artifact/Manifest.h"
#include "llvm/ADT/StringMap.h"

namespace mpc {

struct GpuImage {
  std::string isa;              ///< "sm_90a", "sm_80" or "compute_80"
  std::vector<std::byte> bytes; ///< a cubin, or PTX that ends in a zero
  llvm::StringMap<mpcrt::Kernel> kernels;
};

/// PTX for the functions of `image` as mpc-lower-to-gpu leaves them; `image`
/// itself is not changed. Fails with a diagnostic on `image`.
mlir::FailureOr<std::string> buildPtx(mlir::ModuleOp image, Target target);

/// What one image is built from.
struct GpuModule {
  mlir::ModuleOp image;
  Target target;
};

/// buildPtx for each, and ptxas where the target is machine code, for all of
/// them at once, unless `asPtx` keeps the text. Code::File where there is no
/// ptxas.
mpcrt::Result<std::vector<GpuImage>>
buildGpuImages(llvm::ArrayRef<GpuModule> modules, bool asPtx);

} // namespace mpc

#endif
