// The part of the CUDA driver API that mpcrt calls, loaded when it is needed:
// mpcrt builds without the CUDA Toolkit and runs without a driver. The names
// and types are those of cuda.h, of which CUDA 12.0 has all.
#ifndef MPC_RUNTIME_SRC_CUDA_DRIVER_H
#define MPC_RUNTIME_SRC_CUDA_DRIVER_H

#include "runtime/artifact/GpuCode.h"
#include "runtime/artifact/Status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace mpcrt::cuda {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;
using CUevent = struct CUevent_st *;
using CUkernel = struct CUkern_st *;
using CUgraph = struct CUgraph_st *;
using CUgraphNode = struct CUgraphNode_st *;
using CUgraphExec = struct CUgraphExec_st *;
struct alignas(128) CUtensorMap {
  uint64_t opaque[16];
};

struct CUDA_KERNEL_NODE_PARAMS {
  CUfunction func;
  unsigned gridDimX, gridDimY, gridDimZ;
  unsigned blockDimX, blockDimY, blockDimZ;
  unsigned sharedMemBytes;
  void **kernelParams, **extra;
  CUkernel kern;
  CUcontext ctx;
};
struct CUgraphEdgeData {
  unsigned char from_port, to_port, type, reserved[5];
};

// Enumerators, under their names in cuda.h without the prefix.
enum : CUresult {
  SUCCESS = 0,
  ERROR_INVALID_VALUE = 1,
  ERROR_OUT_OF_MEMORY = 2,
  ERROR_STUB_LIBRARY = 34,
  ERROR_CALL_REQUIRES_NEWER_DRIVER = 36,
  ERROR_DEVICE_UNAVAILABLE = 46,
  ERROR_NO_DEVICE = 100,
  ERROR_INVALID_DEVICE = 101,
  ERROR_DEVICE_NOT_LICENSED = 102,
  ERROR_INVALID_IMAGE = 200,
  ERROR_NO_BINARY_FOR_GPU = 209,
  ERROR_INVALID_PTX = 218,
  ERROR_JIT_COMPILER_NOT_FOUND = 221,
  ERROR_UNSUPPORTED_PTX_VERSION = 222,
  ERROR_JIT_COMPILATION_DISABLED = 223,
  ERROR_SYSTEM_NOT_READY = 802,
  ERROR_SYSTEM_DRIVER_MISMATCH = 803,
  ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE = 804,
};
enum : int {
  DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
  DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
  FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
  POINTER_ATTRIBUTE_MEMORY_TYPE = 2,
  STREAM_CAPTURE_MODE_RELAXED = 2,
  JIT_ERROR_LOG_BUFFER = 5,
  JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
};
enum : unsigned {
  MEMORYTYPE_HOST = 1,
  STREAM_DEFAULT = 0,
  STREAM_NON_BLOCKING = 1,
  EVENT_DEFAULT = 0,
  EVENT_DISABLE_TIMING = 2,
};
enum : unsigned char {
  GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC = 1,
  GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC = 1,
};
enum : int {
  TENSOR_MAP_DATA_TYPE_UINT8 = 0,
  TENSOR_MAP_DATA_TYPE_INT32 = 3,
  TENSOR_MAP_DATA_TYPE_INT64 = 5,
  TENSOR_MAP_DATA_TYPE_FLOAT16 = 6,
  TENSOR_MAP_DATA_TYPE_FLOAT32 = 7,
  TENSOR_MAP_DATA_TYPE_BFLOAT16 = 9,
  TENSOR_MAP_INTERLEAVE_NONE = 0,
  TENSOR_MAP_SWIZZLE_NONE = 0,
  TENSOR_MAP_SWIZZLE_32B = 1,
  TENSOR_MAP_SWIZZLE_64B = 2,
  TENSOR_MAP_SWIZZLE_128B = 3,
  TENSOR_MAP_L2_PROMOTION_L2_256B = 3,
  TENSOR_MAP_FLOAT_OOB_FILL_NONE = 0,
};

// F(the member's name, the symbol, the types of its parameters...). Symbols
// carry the version that cuda.h gives them.
#define MPCRT_CUDA_FUNCTIONS(F)                                                \
  F(init, cuInit, unsigned)                                                    \
  F(driverGetVersion, cuDriverGetVersion, int *)                               \
  F(getErrorName, cuGetErrorName, CUresult, const char **)                     \
  F(getErrorString, cuGetErrorString, CUresult, const char **)                 \
  F(deviceGetCount, cuDeviceGetCount, int *)                                   \
  F(deviceGet, cuDeviceGet, CUdevice *, int)                                   \
  F(deviceGetName, cuDeviceGetName, char *, int, CUdevice)                     \
  F(deviceGetAttribute, cuDeviceGetAttribute, int *, int, CUdevice)            \
  F(deviceTotalMem, cuDeviceTotalMem_v2, size_t *, CUdevice)                   \
  F(primaryCtxRetain, cuDevicePrimaryCtxRetain, CUcontext *, CUdevice)         \
  F(primaryCtxRelease, cuDevicePrimaryCtxRelease_v2, CUdevice)                 \
  F(ctxGetCurrent, cuCtxGetCurrent, CUcontext *)                               \
  F(ctxGetDevice, cuCtxGetDevice, CUdevice *)                                  \
  F(ctxPushCurrent, cuCtxPushCurrent_v2, CUcontext)                            \
  F(ctxPopCurrent, cuCtxPopCurrent_v2, CUcontext *)                            \
  F(moduleLoadDataEx, cuModuleLoadDataEx, CUmodule *, const void *, unsigned,  \
    int *, void **)                                                            \
  F(moduleUnload, cuModuleUnload, CUmodule)                                    \
  F(moduleGetFunction, cuModuleGetFunction, CUfunction *, CUmodule,            \
    const char *)                                                              \
  F(funcSetAttribute, cuFuncSetAttribute, CUfunction, int, int)                \
  F(memGetInfo, cuMemGetInfo_v2, size_t *, size_t *)                           \
  F(memAlloc, cuMemAlloc_v2, CUdeviceptr *, size_t)                            \
  F(memFree, cuMemFree_v2, CUdeviceptr)                                        \
  F(memHostAlloc, cuMemHostAlloc, void **, size_t, unsigned)                   \
  F(memFreeHost, cuMemFreeHost, void *)                                        \
  F(memsetD8Async, cuMemsetD8Async, CUdeviceptr, unsigned char, size_t,        \
    CUstream)                                                                  \
  F(memcpyHtoDAsync, cuMemcpyHtoDAsync_v2, CUdeviceptr, const void *, size_t,  \
    CUstream)                                                                  \
  F(memcpyDtoDAsync, cuMemcpyDtoDAsync_v2, CUdeviceptr, CUdeviceptr, size_t,   \
    CUstream)                                                                  \
  F(memcpyDtoHAsync, cuMemcpyDtoHAsync_v2, void *, CUdeviceptr, size_t,        \
    CUstream)                                                                  \
  F(pointerGetAttributes, cuPointerGetAttributes, unsigned, int *, void **,    \
    CUdeviceptr)                                                               \
  F(streamCreate, cuStreamCreate, CUstream *, unsigned)                        \
  F(streamDestroy, cuStreamDestroy_v2, CUstream)                               \
  F(streamSynchronize, cuStreamSynchronize, CUstream)                          \
  F(streamWaitEvent, cuStreamWaitEvent, CUstream, CUevent, unsigned)           \
  F(eventCreate, cuEventCreate, CUevent *, unsigned)                           \
  F(eventRecord, cuEventRecord, CUevent, CUstream)                             \
  F(eventSynchronize, cuEventSynchronize, CUevent)                             \
  F(eventElapsedTime, cuEventElapsedTime, float *, CUevent, CUevent)           \
  F(eventDestroy, cuEventDestroy_v2, CUevent)                                  \
  F(graphCreate, cuGraphCreate, CUgraph *, unsigned)                           \
  F(graphAddKernelNode, cuGraphAddKernelNode_v2, CUgraphNode *, CUgraph,       \
    const CUgraphNode *, size_t, const CUDA_KERNEL_NODE_PARAMS *)              \
  F(graphAddChildGraphNode, cuGraphAddChildGraphNode, CUgraphNode *, CUgraph,  \
    const CUgraphNode *, size_t, CUgraph)                                      \
  F(streamBeginCapture, cuStreamBeginCapture_v2, CUstream, int)                \
  F(streamEndCapture, cuStreamEndCapture, CUstream, CUgraph *)                 \
  F(graphInstantiate, cuGraphInstantiateWithFlags, CUgraphExec *, CUgraph,     \
    unsigned long long)                                                        \
  F(graphUpload, cuGraphUpload, CUgraphExec, CUstream)                         \
  F(graphLaunch, cuGraphLaunch, CUgraphExec, CUstream)                         \
  F(graphExecDestroy, cuGraphExecDestroy, CUgraphExec)                         \
  F(graphDestroy, cuGraphDestroy, CUgraph)                                     \
  F(tensorMapEncodeTiled, cuTensorMapEncodeTiled, CUtensorMap *, int,          \
    uint32_t, void *, const uint64_t *, const uint64_t *, const uint32_t *,    \
    const uint32_t *, int, int, int, int)

// Those that newer drivers alone have; the others do without.
#define MPCRT_OPTIONAL_CUDA_FUNCTIONS(F)                                       \
  F(graphAddDependencies, cuGraphAddDependencies_v2, CUgraph,                  \
    const CUgraphNode *, const CUgraphNode *, const CUgraphEdgeData *, size_t)

/// The driver's functions. They stay loaded: the driver has threads and
/// handlers of its own, which must not lose their code.
class Driver {
public:
  /// Loads a library of that name and looks up what it has of the functions;
  /// the others are null. Null itself if it cannot be loaded. Starts nothing.
  static std::shared_ptr<const Driver> open(const char *library = standardName);
  /// Loads libcuda.so.1 and starts it. Code::Device if there is none, if it is
  /// older than CUDA 12.0, or if it finds no GPU.
  static Result<std::shared_ptr<const Driver>> load();
  static constexpr const char *standardName = "libcuda.so.1";
  /// "13.0" for 13000.
  static std::string versionText(int version);

  /// The symbol of the last required function that is not there, or null.
  const char *missing() const { return missingSymbol; }

  /// Turns what a function returned into a status: `cannot DOING: NAME (what it
  /// means)` and what to do next.
  Status check(CUresult result, const char *doing) const;
  /// "13.0".
  std::string version() const;

#define MPCRT_DECLARE(member, symbol, ...)                                     \
  CUresult (*member)(__VA_ARGS__) = nullptr;
  MPCRT_CUDA_FUNCTIONS(MPCRT_DECLARE)
  MPCRT_OPTIONAL_CUDA_FUNCTIONS(MPCRT_DECLARE)
#undef MPCRT_DECLARE

private:
  Driver() = default;
  const char *missingSymbol = nullptr;
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_DRIVER_H
