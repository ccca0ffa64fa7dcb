#include "runtime/src/cuda/CublasLt.h"
#include "runtime/src/cuda/CublasLtApi.h"

namespace mpcrt::cuda {

using namespace lt;

namespace {
int typeOf(DType type) {
  return type == DType::F16 ? R_16F : type == DType::BF16 ? R_16BF : R_32F;
}

class Product : public PreparedCall {
public:
  Product(const Functions &functions, const LibraryCall &call)
      : f(functions), call(call), product(std::get<ProductForm>(call.form)) {}
  ~Product() override {
    for (Layout layout : {a, b, result})
      if (layout)
        (void)f.layoutDestroy(layout);
    if (descriptor)
      (void)f.descDestroy(descriptor);
  }
  Product(const Product &) = delete;
  Product &operator=(const Product &) = delete;

  /// False if the library refuses it.
  bool prepare() { return describe() && chooseAlgorithm(); }
  size_t workspaceBytes() const override { return chosen.workspaceSize; }
  int enqueue(const Operands &operands, void *workspace,
              CUstream stream) const override;

private:
  bool describe();
  bool chooseAlgorithm();

  const Functions &f;
  const LibraryCall call;
  const ProductForm product;
  Descriptor descriptor = nullptr;
  Layout a = nullptr, b = nullptr, result = nullptr;
  HeuristicResult chosen = {};
};

// The library's matrices have their columns one after another, so it is asked
// for the transposed result: B' * A', and what is n here are its rows.
bool Product::describe() {
  const ProductForm &p = product;
  bool ok = f.descCreate(&descriptor, COMPUTE_32F, R_32F) == 0;
  auto layout = [&](Layout &made, DType type, int64_t rows, int64_t columns) {
    ok = ok && f.layoutCreate(&made, typeOf(type), uint64_t(columns),
                              uint64_t(rows), columns) == 0;
    const int32_t count = int32_t(p.batch);
    const int64_t stride = rows * columns;
    ok = ok &&
         f.layoutSet(made, LAYOUT_BATCH_COUNT, &count, sizeof count) == 0 &&
         f.layoutSet(made, LAYOUT_STRIDED_BATCH_OFFSET, &stride,
                     sizeof stride) == 0;
  };
  layout(a, call.type, p.transA ? p.k : p.m, p.transA ? p.m : p.k);
  layout(b, call.type, p.transB ? p.n : p.k, p.transB ? p.k : p.n);
  layout(result, call.resultType, p.m, p.n);
  auto set = [&](int attribute, int32_t value) {
    ok = ok && f.descSet(descriptor, attribute, &value, sizeof value) == 0;
  };
  if (p.transB)
    set(DESC_TRANSA, OP_T);
  if (p.transA)
    set(DESC_TRANSB, OP_T);
  if (call.bias < 0)
    return ok;
  set(DESC_EPILOGUE, EPILOGUE_BIAS);
  // Heuristics may look at it; each enqueue sets its own.
  const CUdeviceptr aligned = bufferAlignment;
  return ok && f.descSet(descriptor, DESC_BIAS_POINTER, &aligned,
                         sizeof aligned) == 0;
}

bool Product::chooseAlgorithm() {
  Preference preference = nullptr;
  if (f.preferenceCreate(&preference) != 0)
    return false;
  const uint64_t most = mostWorkspaceBytes;
  bool ok = f.preferenceSet(preference, PREF_MAX_WORKSPACE_BYTES, &most,
                            sizeof most) == 0;
  auto set = [&](int attribute, uint32_t value) {
    ok =
        ok && f.preferenceSet(preference, attribute, &value, sizeof value) == 0;
  };
  set(PREF_REDUCTION_SCHEME_MASK, REDUCTION_SCHEME_COMPUTE_TYPE);
  // Of A, B, C and D.
  for (int i = PREF_MIN_ALIGNMENT_A_BYTES; i <= PREF_MIN_ALIGNMENT_D_BYTES; ++i)
    set(i, uint32_t(bufferAlignment));
  int count = 0;
  ok = ok && f.heuristics(f.handle, descriptor, b, a, result, result,
                          preference, 1, &chosen, &count) == 0;
  (void)f.preferenceDestroy(preference);
  return ok && count > 0 && chosen.state == 0;
}

int Product::enqueue(const Operands &operands, void *workspace,
                     CUstream stream) const {
  const float alpha = float(product.alpha), zero = 0;
  if (call.bias >= 0)
    if (int refused = f.descSet(descriptor, DESC_BIAS_POINTER, &operands.bias,
                                sizeof operands.bias))
      return refused;
  return f.matmul(f.handle, descriptor, &alpha, operands.b, b, operands.a, a,
                  &zero, operands.result, result, operands.result, result,
                  &chosen.algorithm, workspace, chosen.workspaceSize, stream);
}
} // namespace

std::unique_ptr<Library> openCublasLt() {
  return LibraryOf<Functions, Product>::open();
}

} // namespace mpcrt::cuda
