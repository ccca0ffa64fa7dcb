#include "runtime/src/cuda/CublasLt.h"

#include <algorithm>

namespace mpcrt::cuda {

using namespace lt;

namespace {
// As much as PyTorch gives it on the same cards.
constexpr uint64_t mostWorkspaceBytes = uint64_t(32) << 20;

int typeOf(DType type) {
  return type == DType::F16 ? R_16F : type == DType::BF16 ? R_16BF : R_32F;
}

void *at(CUdeviceptr address) { return reinterpret_cast<void *>(address); }
} // namespace

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
}

std::unique_ptr<CublasLt> CublasLt::open() {
  auto functions = std::make_unique<Functions>();
  if (!functions->load())
    return nullptr;
  return std::unique_ptr<CublasLt>(new CublasLt(std::move(functions)));
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
