// Products by cuBLASLt.
#ifndef MPC_RUNTIME_SRC_CUDA_CUBLASLT_H
#define MPC_RUNTIME_SRC_CUDA_CUBLASLT_H

#include "runtime/src/cuda/Libraries.h"

namespace mpcrt::cuda {

/// Null if libcublasLt.so.13, or else .12, is not there or does not start.
/// Algorithms are the first that the library's heuristics give for each call,
/// so the same library on the same device gives the same bits; sums that are
/// split are kept in f32 outside of the result, so that it is rounded once.
std::unique_ptr<Library> openCublasLt();

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_CUBLASLT_H
