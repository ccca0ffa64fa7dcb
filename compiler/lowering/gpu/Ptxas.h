// NVIDIA's assembler, which turns PTX into machine code. It is part of the CUDA
// Toolkit and not of mpc.
#ifndef MPC_COMPILER_LOWERING_GPU_PTXAS_H
#define MPC_COMPILER_LOWERING_GPU_PTXAS_H

#include "compiler/toolkit/CudaToolkit.h"
#include "runtime/artifact/Status.h"

#include <string>

namespace mpc {

/// The cubin of `ptx` for `chip`, such as "sm_90a". What was assembled before
/// comes from a cache, by content: in the folder MPC_CACHE_DIR (empty: none),
/// else in mpc/ of XDG_CACHE_HOME, else in ~/.cache/mpc. Code::File where there
/// is no ptxas, Code::Internal with what it says where it refuses.
mpcrt::Result<std::string> assemble(const std::string &ptx,
                                    const std::string &chip);

} // namespace mpc

#endif
