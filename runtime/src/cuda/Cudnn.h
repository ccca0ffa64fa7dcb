// Convolutions by cuDNN.
#ifndef MPC_RUNTIME_SRC_CUDA_CUDNN_H
#define MPC_RUNTIME_SRC_CUDA_CUDNN_H

#include "runtime/src/cuda/Libraries.h"

namespace mpcrt::cuda {

/// Null if libcudnn.so.9 is not there or does not start. Of its algorithms
/// those are taken that sum products directly and in the same order each time,
/// as numbers 1 of all three do; f32 is multiplied as f32.
std::unique_ptr<Library> openCudnn();

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_CUDNN_H
