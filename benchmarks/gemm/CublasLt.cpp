#include "benchmarks/gemm/CublasLt.h"
#include <dlfcn.h>

namespace mpc::bench {

namespace {
// Opaque handles, and enumerators under their names in cublasLt.h.
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
enum { COMPUTE_32F = 68, R_32F = 0, R_16F = 2, R_16BF = 14, OP_T = 1 };
enum {
  DESC_TRANSA = 3,
  DESC_TRANSB = 4,
  DESC_EPILOGUE = 7,
  DESC_BIAS_POINTER = 8,
  DESC_EPILOGUE_AUX_POINTER = 11,
  DESC_EPILOGUE_AUX_LD = 12,
};
enum {
  EPILOGUE_GELU_AUX_BIAS = 32 | 128 | 4,
  EPILOGUE_DGELU_BGRAD = 64 | 128 | 16,
};
enum { PREFERENCE_MAX_WORKSPACE_BYTES = 1 };
constexpr int mostAlgorithms = 64;
} // namespace

// F(member, symbol, types of its parameters...); all return a status.
#define MPC_CUBLASLT_FUNCTIONS(F)                                              \
  F(create, cublasLtCreate, Handle *)                                          \
  F(destroy, cublasLtDestroy, Handle)                                          \
  F(layoutCreate, cublasLtMatrixLayoutCreate, Layout *, int, uint64_t,         \
    uint64_t, int64_t)                                                         \
  F(layoutDestroy, cublasLtMatrixLayoutDestroy, Layout)                        \
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
    Layout, const Algorithm *, void *, size_t, mpcrt::cuda::CUstream)

struct BestCublasLt::Functions {
#define MPC_DECLARE(member, symbol, ...) int (*member)(__VA_ARGS__) = nullptr;
  MPC_CUBLASLT_FUNCTIONS(MPC_DECLARE)
#undef MPC_DECLARE
  size_t (*version)() = nullptr;
  Handle handle = nullptr;
};

BestCublasLt::BestCublasLt() : functions(std::make_unique<Functions>()) {}

BestCublasLt::~BestCublasLt() {
  if (functions->handle)
    (void)functions->destroy(functions->handle);
}

size_t BestCublasLt::version() const { return functions->version(); }

mpcrt::Result<std::unique_ptr<BestCublasLt>> BestCublasLt::open() {
  void *library = nullptr;
  for (const char *name : {"libcublasLt.so.13", "libcublasLt.so.12"})
    if (!library)
      library = dlopen(name, RTLD_NOW);
  if (!library)
    return mpcrt::Status(mpcrt::Code::File,
                         "no libcublasLt.so.13 or .12; name its folder in "
                         "LD_LIBRARY_PATH");
  std::unique_ptr<BestCublasLt> lt(new BestCublasLt);
  Functions &f = *lt->functions;
  bool complete = true;
  auto find = [&](auto &member, const char *symbol) {
    member = reinterpret_cast<std::decay_t<decltype(member)>>(
        dlsym(library, symbol));
    complete = complete && member;
  };
#define MPC_FIND(member, symbol, ...) find(f.member, #symbol);
  MPC_CUBLASLT_FUNCTIONS(MPC_FIND)
#undef MPC_FIND
  find(f.version, "cublasLtGetVersion");
  if (!complete || f.create(&f.handle) != 0)
    return mpcrt::Status(mpcrt::Code::Device, "cuBLASLt does not start");
  return lt;
}

struct BestCublasLt::Product::Parts {
  const Functions &f;
  Operands operands;
  mpcrt::cuda::CUdeviceptr workspace;
  Descriptor descriptor = nullptr;
  Layout a = nullptr, b = nullptr, result = nullptr;
  std::vector<HeuristicResult> found;

  void set(int attribute, const auto &value) {
    (void)f.descSet(descriptor, attribute, &value, sizeof(value));
  }

  // The library's matrices have their columns one after another, so it is asked
  // for the transposed result: B' * A', and what is n here are its rows.
  void describe(const GemmCase &c, int type) {
    (void)f.descCreate(&descriptor, COMPUTE_32F, R_32F);
    auto layout = [&](Layout &made, int64_t rows, int64_t columns) {
      (void)f.layoutCreate(&made, type, uint64_t(columns), uint64_t(rows),
                           columns);
    };
    layout(a, c.transA ? c.k : c.m, c.transA ? c.m : c.k);
    layout(b, c.transB ? c.n : c.k, c.transB ? c.k : c.n);
    layout(result, c.m, c.n);
    const int32_t transposed = OP_T;
    if (c.transB)
      set(DESC_TRANSA, transposed);
    if (c.transA)
      set(DESC_TRANSB, transposed);
    if (c.fused == Fused::Nothing)
      return;
    const int32_t epilogue = c.fused == Fused::BiasGelu ? EPILOGUE_GELU_AUX_BIAS
                                                        : EPILOGUE_DGELU_BGRAD;
    set(DESC_EPILOGUE, epilogue);
    set(DESC_BIAS_POINTER, operands.bias);
    set(DESC_EPILOGUE_AUX_POINTER, operands.saved);
    set(DESC_EPILOGUE_AUX_LD, c.n);
  }

  void ask() {
    Preference preference = nullptr;
    (void)f.preferenceCreate(&preference);
    const uint64_t bytes = workspaceBytes;
    (void)f.preferenceSet(preference, PREFERENCE_MAX_WORKSPACE_BYTES, &bytes,
                          sizeof(bytes));
    found.resize(mostAlgorithms);
    int count = 0;
    (void)f.heuristics(f.handle, descriptor, b, a, result, result, preference,
                       mostAlgorithms, found.data(), &count);
    found.resize(size_t(count));
    (void)f.preferenceDestroy(preference);
  }
};

BestCublasLt::Product::Product(std::unique_ptr<Parts> parts)
    : parts(std::move(parts)) {}

BestCublasLt::Product::~Product() {
  for (Layout layout : {parts->a, parts->b, parts->result})
    (void)parts->f.layoutDestroy(layout);
  (void)parts->f.descDestroy(parts->descriptor);
}

size_t BestCublasLt::Product::algorithms() const { return parts->found.size(); }

bool BestCublasLt::Product::enqueue(size_t algorithm,
                                    mpcrt::cuda::CUstream stream) const {
  const Parts &p = *parts;
  const float one = 1, zero = 0;
  auto at = [](mpcrt::cuda::CUdeviceptr address) {
    return reinterpret_cast<void *>(address);
  };
  return p.found[algorithm].state == 0 &&
         p.f.matmul(p.f.handle, p.descriptor, &one, at(p.operands.b), p.b,
                    at(p.operands.a), p.a, &zero, at(p.operands.result),
                    p.result, at(p.operands.result), p.result,
                    &p.found[algorithm].algorithm, at(p.workspace),
                    workspaceBytes, stream) == 0;
}

std::unique_ptr<BestCublasLt::Product>
BestCublasLt::product(const GemmCase &c, bool bf16, const Operands &operands,
                      mpcrt::cuda::CUdeviceptr workspace) const {
  auto parts =
      std::make_unique<Product::Parts>(*functions, operands, workspace);
  parts->describe(c, bf16 ? R_16BF : R_16F);
  parts->ask();
  return std::unique_ptr<Product>(new Product(std::move(parts)));
}

} // namespace mpc::bench
