#include "benchmarks/gemm/CublasLt.h"

namespace mpc::bench {

using namespace mpcrt::cuda::lt;

static constexpr int mostAlgorithms = 64;

BestCublasLt::BestCublasLt() = default;
BestCublasLt::~BestCublasLt() = default;

size_t BestCublasLt::version() const { return functions.version(); }

mpcrt::Result<std::unique_ptr<BestCublasLt>> BestCublasLt::open() {
  std::unique_ptr<BestCublasLt> lt(new BestCublasLt);
  if (!lt->functions.load() || !lt->functions.version)
    return mpcrt::Status(mpcrt::Code::File,
                         "no libcublasLt.so.13 or .12 that starts; name its "
                         "folder in LD_LIBRARY_PATH");
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
    (void)f.preferenceSet(preference, PREF_MAX_WORKSPACE_BYTES, &bytes,
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
  auto parts = std::make_unique<Product::Parts>(functions, operands, workspace);
  parts->describe(c, bf16 ? R_16BF : R_16F);
  parts->ask();
  return std::unique_ptr<Product>(new Product(std::move(parts)));
}

} // namespace mpc::bench
