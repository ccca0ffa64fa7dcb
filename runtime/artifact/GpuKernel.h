// What the manifest may say of a kernel for a GPU.
#ifndef MPC_RUNTIME_ARTIFACT_GPUKERNEL_H
#define MPC_RUNTIME_ARTIFACT_GPUKERNEL_H

#include "runtime/artifact/Manifest.h"

namespace mpcrt {

/// Checks a kernel's grid, block, shared memory and tensor maps against the
/// limits of CUDA, which hold for every device from compute capability 8.0 on
/// or are those of the largest. `where` opens the message.
Status checkGpuKernel(const Kernel &kernel, const std::string &where);

/// Checks that each tensor map of the launch's kernel shows an argument that is
/// there and stays inside it. The launch's indices must be in range. Of
/// constants, whose size the manifest does not know, only the first is checked.
Status checkMappedArguments(const Manifest &manifest, const Target &target,
                            const Launch &launch, const std::string &where);

/// Checks that the launch's kernel says of each of its arguments what it does
/// with it, and writes none that is no program's to write. The launch's indices
/// must be in range.
Status checkAccess(const Target &target, const Launch &launch,
                   const std::string &where);

/// Bytes of a buffer; nothing for constants, which the container knows.
std::optional<uint64_t> bufferBytes(const Manifest &manifest,
                                    const Buffer &buffer);

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_GPUKERNEL_H
