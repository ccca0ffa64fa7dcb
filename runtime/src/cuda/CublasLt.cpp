#include "runtime/src/cuda/CublasLt.h"

#include <algorithm>
#include <dlfcn.h>

namespace mpcrt::cuda {

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
enum : int { COMPUTE_32F = 68, R_32F = 0, R_16F = 2, R_16BF = 14 };
enum : int32_t { OP_T = 1, EPILOGUE_BIAS = 4 };
enum : int {
  DESC_TRANSA = 3,
  DESC_TRANSB = 4,
  DESC_EPILOGUE = 7,
  DESC_BIAS_POINTER = 8,
  LAYOUT_BATCH_COUNT = 5,
  LAYOUT_STRIDED_BATCH_OFFSET = 6,
  PREF_MAX_WORKSPACE_BYTES = 1,
  PREF_REDUCTION_SCHEME_MASK = 3,
  PREF_MIN_ALIGNMENT_A_BYTES = 5,
  PREF_MIN_ALIGNMENT_D_BYTES = 8,
};
enum : uint32_t { REDUCTION_SCHEME_COMPUTE_TYPE = 2 };
// As much as PyTorch gives it on the same cards.
constexpr uint64_t mostWorkspaceBytes = uint64_t(32) << 20;

int typeOf(DType type) {
  return type == DType::F16 ? R_16F : type == DType::BF16 ? R_16BF : R_32F;
}

void *at(CUdeviceptr address) { return reinterpret_cast<void *>(address); }
} // namespace

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

struct CublasLt::Functions {
#define MPCRT_DECLARE(member, symbol, ...) int (*member)(__VA_ARGS__) = nullptr;
  MPCRT_CUBLASLT_FUNCTIONS(MPCRT_DECLARE)
#undef MPCRT_DECLARE
  Handle handle = nullptr;
};

struct CublasLt::Product {
  LibraryCall call;
  Descriptor descriptor = nullptr;
  Layout a = nullptr, b = nullptr, result = nullptr;
  HeuristicResult chosen = {};
};

CublasLt::CublasLt(std::unique_ptr<Functions> functions)
    : functions(std::move(functions)) {}

CublasLt::~CublasLt() {
  for (const std::unique_ptr<Product> &product : products) {
    for (Layout layout : {product->a, product->b, product->result})
      if (layout)
        (void)functions->layoutDestroy(layout);
    if (product->descriptor)
      (void)functions->descDestroy(product->descriptor);
  }
  (void)functions->destroy(functions->handle);
}

// Like the driver it stays loaded, since it has handlers of its own.
std::unique_ptr<CublasLt> CublasLt::open() {
  void *library = nullptr;
  for (const char *name : {"libcublasLt.so.13", "libcublasLt.so.12"})
    if (!library)
      library = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library)
    return nullptr;
  auto found = std::make_unique<Functions>();
  bool complete = true;
#define MPCRT_FIND(member, symbol, ...)                                        \
  found->member =                                                              \
      reinterpret_cast<decltype(found->member)>(dlsym(library, #symbol));      \
  complete = complete && found->member;
  MPCRT_CUBLASLT_FUNCTIONS(MPCRT_FIND)
#undef MPCRT_FIND
  if (!complete || found->create(&found->handle) != 0)
    return nullptr;
  return std::unique_ptr<CublasLt>(new CublasLt(std::move(found)));
}

std::unique_ptr<CublasLt> CublasLt::prepare(const Target &target,
                                            std::string &fallback) {
  std::vector<const LibraryCall *> calls;
  for (const auto *launches :
       {&target.trainStep, &target.forward, &target.derive})
    for (const Launch &launch : *launches)
      if (launch.library)
        calls.push_back(&*launch.library);
  if (calls.empty())
    return nullptr;
  std::unique_ptr<CublasLt> library = open();
  if (!library) {
    fallback = "cuBLASLt is not found or does not start (libcublasLt.so.13 or "
               ".12); generated kernels run in its place; name its folder in "
               "LD_LIBRARY_PATH";
    return nullptr;
  }
  size_t refused = 0;
  for (const LibraryCall *call : calls)
    refused += !library->find(*call) && !library->add(*call);
  if (refused)
    fallback = "cuBLASLt has no algorithm for " + std::to_string(refused) +
               " of " + std::to_string(calls.size()) +
               " products; generated kernels run in its place; try a newer "
               "version of the library";
  return library;
}

const CublasLt::Product *CublasLt::find(const LibraryCall &call) const {
  auto same = [&](const auto &product) { return product->call == call; };
  auto found = std::find_if(products.begin(), products.end(), same);
  return found == products.end() ? nullptr : found->get();
}

bool CublasLt::needsWorkspace(const Product &product) {
  return product.chosen.workspaceSize > 0;
}

size_t CublasLt::workspaceBytes() const {
  size_t most = 0;
  for (const std::unique_ptr<Product> &product : products)
    most = std::max(most, product->chosen.workspaceSize);
  return most;
}

// False, and nothing is kept but for the destructor, if it is refused.
bool CublasLt::add(const LibraryCall &call) {
  products.push_back(std::make_unique<Product>());
  Product &product = *products.back();
  product.call = call;
  if (describe(product) && chooseAlgorithm(product))
    return true;
  // No call is equal to it.
  product.call.launches = 0;
  product.chosen = {};
  return false;
}

// The library's matrices have their columns one after another, so it is asked
// for the transposed result: B' * A', and what is n here are its rows.
bool CublasLt::describe(Product &product) const {
  const Functions &f = *functions;
  const LibraryCall &c = product.call;
  bool ok = f.descCreate(&product.descriptor, COMPUTE_32F, R_32F) == 0;
  auto layout = [&](Layout &made, DType type, int64_t rows, int64_t columns) {
    ok = ok && f.layoutCreate(&made, typeOf(type), uint64_t(columns),
                              uint64_t(rows), columns) == 0;
    const int32_t count = int32_t(c.batch);
    const int64_t stride = rows * columns;
    ok = ok &&
         f.layoutSet(made, LAYOUT_BATCH_COUNT, &count, sizeof count) == 0 &&
         f.layoutSet(made, LAYOUT_STRIDED_BATCH_OFFSET, &stride,
                     sizeof stride) == 0;
  };
  layout(product.a, c.type, c.transA ? c.k : c.m, c.transA ? c.m : c.k);
  layout(product.b, c.type, c.transB ? c.n : c.k, c.transB ? c.k : c.n);
  layout(product.result, c.resultType, c.m, c.n);
  auto set = [&](int attribute, int32_t value) {
    ok = ok &&
         f.descSet(product.descriptor, attribute, &value, sizeof value) == 0;
  };
  if (c.transB)
    set(DESC_TRANSA, OP_T);
  if (c.transA)
    set(DESC_TRANSB, OP_T);
  if (c.bias < 0)
    return ok;
  set(DESC_EPILOGUE, EPILOGUE_BIAS);
  // Heuristics may look at it; each call sets its own.
  const CUdeviceptr aligned = bufferAlignment;
  return ok && f.descSet(product.descriptor, DESC_BIAS_POINTER, &aligned,
                         sizeof aligned) == 0;
}

bool CublasLt::chooseAlgorithm(Product &product) const {
  const Functions &f = *functions;
  Preference preference = nullptr;
  if (f.preferenceCreate(&preference) != 0)
    return false;
  bool ok =
      f.preferenceSet(preference, PREF_MAX_WORKSPACE_BYTES, &mostWorkspaceBytes,
                      sizeof mostWorkspaceBytes) == 0;
  auto set = [&](int attribute, uint32_t value) {
    ok =
        ok && f.preferenceSet(preference, attribute, &value, sizeof value) == 0;
  };
  set(PREF_REDUCTION_SCHEME_MASK, REDUCTION_SCHEME_COMPUTE_TYPE);
  // Of A, B, C and D.
  for (int i = PREF_MIN_ALIGNMENT_A_BYTES; i <= PREF_MIN_ALIGNMENT_D_BYTES; ++i)
    set(i, uint32_t(bufferAlignment));
  int count = 0;
  ok = ok && f.heuristics(functions->handle, product.descriptor, product.b,
                          product.a, product.result, product.result, preference,
                          1, &product.chosen, &count) == 0;
  (void)f.preferenceDestroy(preference);
  return ok && count > 0 && product.chosen.state == 0;
}

Status CublasLt::enqueue(const Product &product, const Operands &operands,
                         CUdeviceptr workspace, CUstream stream) const {
  const Functions &f = *functions;
  const float alpha = float(product.call.alpha), zero = 0;
  int result = 0;
  if (product.call.bias >= 0)
    result = f.descSet(product.descriptor, DESC_BIAS_POINTER, &operands.bias,
                       sizeof operands.bias);
  if (result == 0)
    result = f.matmul(f.handle, product.descriptor, &alpha, at(operands.b),
                      product.b, at(operands.a), product.a, &zero,
                      at(operands.result), product.result, at(operands.result),
                      product.result, &product.chosen.algorithm, at(workspace),
                      product.chosen.workspaceSize, stream);
  if (result == 0)
    return Status();
  return Status(Code::Device,
                "cuBLASLt refuses a product with status " +
                    std::to_string(result) +
                    "; try another version of the library, or compile "
                    "without --provider");
}

} // namespace mpcrt::cuda
