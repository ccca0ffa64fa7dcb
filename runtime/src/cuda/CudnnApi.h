// The functions of cuDNN 9 that mpcrt calls. Types and enumerators have the
// values, and after their prefix the names, of cudnn.h, so that no toolkit is
// needed to build.
#ifndef MPC_RUNTIME_SRC_CUDA_CUDNNAPI_H
#define MPC_RUNTIME_SRC_CUDA_CUDNNAPI_H

#include "runtime/src/cuda/Driver.h"
#include "runtime/src/cuda/StartedLibrary.h"

namespace mpcrt::cuda::dnn {

using Handle = struct cudnnHandle *;
using Tensor = struct cudnnTensor *;
using Filter = struct cudnnFilter *;
using Convolution = struct cudnnConvolution *;
using Activation = struct cudnnActivation *;
enum : int { DATA_FLOAT = 0, DATA_HALF = 2, DATA_BFLOAT16 = 9 };
enum : int { TENSOR_NCHW = 0, CROSS_CORRELATION = 1 };
enum : int { TENSOR_OP_MATH = 1, FMA_MATH = 3 };
enum : int { ACTIVATION_IDENTITY = 5, PROPAGATE_NAN = 1 };
enum : int {
  FWD_ALGO_IMPLICIT_PRECOMP_GEMM = 1,
  BWD_DATA_ALGO_1 = 1,
  BWD_FILTER_ALGO_1 = 1
};

// F(member, symbol, types of its parameters...); all return a status, 0 if all
// is well.
#define MPCRT_CUDNN_FUNCTIONS(F)                                               \
  F(create, cudnnCreate, Handle *)                                             \
  F(destroy, cudnnDestroy, Handle)                                             \
  F(setStream, cudnnSetStream, Handle, CUstream)                               \
  F(tensorCreate, cudnnCreateTensorDescriptor, Tensor *)                       \
  F(tensorSet, cudnnSetTensor4dDescriptor, Tensor, int, int, int, int, int,    \
    int)                                                                       \
  F(tensorDestroy, cudnnDestroyTensorDescriptor, Tensor)                       \
  F(filterCreate, cudnnCreateFilterDescriptor, Filter *)                       \
  F(filterSet, cudnnSetFilter4dDescriptor, Filter, int, int, int, int, int,    \
    int)                                                                       \
  F(filterDestroy, cudnnDestroyFilterDescriptor, Filter)                       \
  F(activationCreate, cudnnCreateActivationDescriptor, Activation *)           \
  F(activationSet, cudnnSetActivationDescriptor, Activation, int, int, double) \
  F(activationDestroy, cudnnDestroyActivationDescriptor, Activation)           \
  F(convolutionCreate, cudnnCreateConvolutionDescriptor, Convolution *)        \
  F(convolutionSet, cudnnSetConvolution2dDescriptor, Convolution, int, int,    \
    int, int, int, int, int, int)                                              \
  F(convolutionGroups, cudnnSetConvolutionGroupCount, Convolution, int)        \
  F(convolutionMath, cudnnSetConvolutionMathType, Convolution, int)            \
  F(convolutionDestroy, cudnnDestroyConvolutionDescriptor, Convolution)        \
  F(forwardWorkspace, cudnnGetConvolutionForwardWorkspaceSize, Handle, Tensor, \
    Filter, Convolution, Tensor, int, size_t *)                                \
  F(dataWorkspace, cudnnGetConvolutionBackwardDataWorkspaceSize, Handle,       \
    Filter, Tensor, Convolution, Tensor, int, size_t *)                        \
  F(filterWorkspace, cudnnGetConvolutionBackwardFilterWorkspaceSize, Handle,   \
    Tensor, Tensor, Convolution, Filter, int, size_t *)                        \
  F(forward, cudnnConvolutionForward, Handle, const void *, Tensor,            \
    const void *, Filter, const void *, Convolution, int, void *, size_t,      \
    const void *, Tensor, void *)                                              \
  F(forwardBias, cudnnConvolutionBiasActivationForward, Handle, const void *,  \
    Tensor, const void *, Filter, const void *, Convolution, int, void *,      \
    size_t, const void *, Tensor, const void *, Tensor, const void *,          \
    Activation, Tensor, void *)                                                \
  F(backwardData, cudnnConvolutionBackwardData, Handle, const void *, Filter,  \
    const void *, Tensor, const void *, Convolution, int, void *, size_t,      \
    const void *, Tensor, void *)                                              \
  F(backwardFilter, cudnnConvolutionBackwardFilter, Handle, const void *,      \
    Tensor, const void *, Tensor, const void *, Convolution, int, void *,      \
    size_t, const void *, Filter, void *)

struct Table {
  static constexpr const char *files[] = {"libcudnn.so.9"};
  MPCRT_CUDNN_FUNCTIONS(MPCRT_DECLARE_FUNCTION)

  bool find(const SharedObject &library) {
    bool complete = true;
    MPCRT_CUDNN_FUNCTIONS(MPCRT_FIND_FUNCTION)
    return complete;
  }
};
using Functions = StartedLibrary<Table, Handle>;

} // namespace mpcrt::cuda::dnn

#endif // MPC_RUNTIME_SRC_CUDA_CUDNNAPI_H
