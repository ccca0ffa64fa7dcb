// The functions of cuBLASLt that mpcrt and its benchmarks call. Types and
// enumerators have the values, and after their prefix the names, of
// cublasLt.h, so that no toolkit is needed to build.
#ifndef MPC_RUNTIME_SRC_CUDA_CUBLASLTAPI_H
#define MPC_RUNTIME_SRC_CUDA_CUBLASLTAPI_H

#include "runtime/src/cuda/Driver.h"
#include "runtime/src/cuda/StartedLibrary.h"

namespace mpcrt::cuda::lt {

using Handle = struct cublasLtContext *;
using Layout = struct cublasLtLayout *;
using Descriptor = struct cublasLtDescriptor *;
using Preference = struct cublasLtPreference *;
struct Algorithm {
  uint64_t data[8];
};
struct HeuristicResult {
  Algorithm algorithm;
  size_t workspaceSize;
  int state;
  float wavesCount;
  int reserved[4];
};
enum : int { COMPUTE_32F = 68, R_32F = 0, R_16F = 2, R_16BF = 14 };
enum : int32_t {
  OP_T = 1,
  EPILOGUE_BIAS = 4,
  EPILOGUE_GELU_AUX_BIAS = 32 | 128 | 4,
  EPILOGUE_DGELU_BGRAD = 64 | 128 | 16,
};
enum : int {
  DESC_TRANSA = 3,
  DESC_TRANSB = 4,
  DESC_EPILOGUE = 7,
  DESC_BIAS_POINTER = 8,
  DESC_EPILOGUE_AUX_POINTER = 11,
  DESC_EPILOGUE_AUX_LD = 12,
  LAYOUT_BATCH_COUNT = 5,
  LAYOUT_STRIDED_BATCH_OFFSET = 6,
  PREF_MAX_WORKSPACE_BYTES = 1,
  PREF_REDUCTION_SCHEME_MASK = 3,
  PREF_MIN_ALIGNMENT_A_BYTES = 5,
  PREF_MIN_ALIGNMENT_D_BYTES = 8,
};
enum : uint32_t { REDUCTION_SCHEME_COMPUTE_TYPE = 2 };

// F(member, symbol, types of its parameters...); all return a status, 0 if all
// is well.
#define MPCRT_CUBLASLT_FUNCTIONS(F)                                            \
  F(create, cublasLtCreate, Handle *)                                          \
  F(destroy, cublasLtDestroy, Handle)                                          \
  F(layoutCreate, cublasLtMatrixLayoutCreate, Layout *, int, uint64_t,         \
    uint64_t, int64_t)                                                         \
  F(layoutDestroy, cublasLtMatrixLayoutDestroy, Layout)                        \
  F(layoutSet, cublasLtMatrixLayoutSetAttribute, Layout, int, const void *,    \
    size_t)                                                                    \
  F(descCreate, cublasLtMatmulDescCreate, Descriptor *, int, int)              \
  F(descDestroy, cublasLtMatmulDescDestroy, Descriptor)                        \
  F(descSet, cublasLtMatmulDescSetAttribute, Descriptor, int, const void *,    \
    size_t)                                                                    \
  F(preferenceCreate, cublasLtMatmulPreferenceCreate, Preference *)            \
  F(preferenceDestroy, cublasLtMatmulPreferenceDestroy, Preference)            \
  F(preferenceSet, cublasLtMatmulPreferenceSetAttribute, Preference, int,      \
    const void *, size_t)                                                      \
  F(heuristics, cublasLtMatmulAlgoGetHeuristic, Handle, Descriptor, Layout,    \
    Layout, Layout, Layout, Preference, int, HeuristicResult *, int *)         \
  F(matmul, cublasLtMatmul, Handle, Descriptor, const void *, const void *,    \
    Layout, const void *, Layout, const void *, const void *, Layout, void *,  \
    Layout, const Algorithm *, void *, size_t, CUstream)

struct Table {
  static constexpr const char *files[] = {"libcublasLt.so.13",
                                          "libcublasLt.so.12"};
  MPCRT_CUBLASLT_FUNCTIONS(MPCRT_DECLARE_FUNCTION)
  size_t (*version)() = nullptr; ///< only benchmarks ask for it

  bool find(const SharedObject &library) {
    bool complete = true;
    MPCRT_CUBLASLT_FUNCTIONS(MPCRT_FIND_FUNCTION)
    (void)library.find(version, "cublasLtGetVersion");
    return complete;
  }
};
using Functions = StartedLibrary<Table, Handle>;

} // namespace mpcrt::cuda::lt

#endif // MPC_RUNTIME_SRC_CUDA_CUBLASLTAPI_H
