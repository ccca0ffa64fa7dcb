// What runtime/src/cuda/Driver.h says of the driver, against cuda.h. Nothing is
// called: that this compiles is the test.
#include "runtime/src/cuda/Driver.h"
#include "test/unit/cuda/header/Agree.h"

#include <cstddef>
#include <cuda.h>

namespace {
namespace own = mpcrt::cuda;

// cuda.h declares the newest version of each function alone, so a symbol of an
// older one does not compile.
#define MPCRT_AGREES(member, symbol, ...)                                      \
  static_assert(mpcrt::test::Agree<decltype(own::Driver::member),              \
                                   decltype(symbol)>::value,                   \
                #symbol);
MPCRT_CUDA_FUNCTIONS(MPCRT_AGREES)
MPCRT_OPTIONAL_CUDA_FUNCTIONS(MPCRT_AGREES)

static_assert(sizeof(own::CUtensorMap) == sizeof(CUtensorMap));
static_assert(alignof(own::CUtensorMap) >= alignof(CUtensorMap));

// A field of the same size in the same place.
#define SAME_FIELD(type, field)                                                \
  static_assert(offsetof(own::type, field) == offsetof(type, field) &&         \
                    sizeof(own::type::field) == sizeof(type::field),           \
                #type "::" #field)
static_assert(sizeof(own::CUDA_KERNEL_NODE_PARAMS) ==
              sizeof(CUDA_KERNEL_NODE_PARAMS));
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, func);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, gridDimX);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, gridDimZ);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, blockDimX);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, blockDimZ);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, sharedMemBytes);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, kernelParams);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, extra);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, kern);
SAME_FIELD(CUDA_KERNEL_NODE_PARAMS, ctx);
static_assert(sizeof(own::CUgraphEdgeData) == sizeof(CUgraphEdgeData));
SAME_FIELD(CUgraphEdgeData, from_port);
SAME_FIELD(CUgraphEdgeData, to_port);
SAME_FIELD(CUgraphEdgeData, type);

#define SAME(name) static_assert(long(own::name) == long(CU_##name), #name)
#define SAME_ERROR(name)                                                       \
  static_assert(long(own::name) == long(CUDA_##name), #name)
SAME_ERROR(SUCCESS);
SAME_ERROR(ERROR_INVALID_VALUE);
SAME_ERROR(ERROR_OUT_OF_MEMORY);
SAME_ERROR(ERROR_STUB_LIBRARY);
SAME_ERROR(ERROR_CALL_REQUIRES_NEWER_DRIVER);
SAME_ERROR(ERROR_DEVICE_UNAVAILABLE);
SAME_ERROR(ERROR_NO_DEVICE);
SAME_ERROR(ERROR_INVALID_DEVICE);
SAME_ERROR(ERROR_DEVICE_NOT_LICENSED);
SAME_ERROR(ERROR_INVALID_IMAGE);
SAME_ERROR(ERROR_NO_BINARY_FOR_GPU);
SAME_ERROR(ERROR_INVALID_PTX);
SAME_ERROR(ERROR_JIT_COMPILER_NOT_FOUND);
SAME_ERROR(ERROR_UNSUPPORTED_PTX_VERSION);
SAME_ERROR(ERROR_JIT_COMPILATION_DISABLED);
SAME_ERROR(ERROR_SYSTEM_NOT_READY);
SAME_ERROR(ERROR_SYSTEM_DRIVER_MISMATCH);
SAME_ERROR(ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE);
SAME(DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
SAME(DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
SAME(DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
SAME(FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
SAME(POINTER_ATTRIBUTE_MEMORY_TYPE);
SAME(STREAM_CAPTURE_MODE_RELAXED);
SAME(JIT_ERROR_LOG_BUFFER);
SAME(JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
SAME(MEMORYTYPE_HOST);
SAME(STREAM_DEFAULT);
SAME(STREAM_NON_BLOCKING);
SAME(EVENT_DEFAULT);
SAME(EVENT_DISABLE_TIMING);
SAME(GRAPH_KERNEL_NODE_PORT_PROGRAMMATIC);
SAME(GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC);
SAME(TENSOR_MAP_DATA_TYPE_UINT8);
SAME(TENSOR_MAP_DATA_TYPE_INT32);
SAME(TENSOR_MAP_DATA_TYPE_INT64);
SAME(TENSOR_MAP_DATA_TYPE_FLOAT16);
SAME(TENSOR_MAP_DATA_TYPE_FLOAT32);
SAME(TENSOR_MAP_DATA_TYPE_BFLOAT16);
SAME(TENSOR_MAP_INTERLEAVE_NONE);
SAME(TENSOR_MAP_SWIZZLE_NONE);
SAME(TENSOR_MAP_SWIZZLE_32B);
SAME(TENSOR_MAP_SWIZZLE_64B);
SAME(TENSOR_MAP_SWIZZLE_128B);
SAME(TENSOR_MAP_L2_PROMOTION_L2_256B);
SAME(TENSOR_MAP_FLOAT_OOB_FILL_NONE);
} // namespace
