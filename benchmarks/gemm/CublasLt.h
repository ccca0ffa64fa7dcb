// Products by the best algorithm of cuBLASLt, for gemm_compare.
#ifndef MPC_BENCHMARKS_GEMM_CUBLASLT_H
#define MPC_BENCHMARKS_GEMM_CUBLASLT_H

#include "benchmarks/gemm/Cases.h"
#include "runtime/artifact/Status.h"
#include "runtime/src/cuda/CublasLtApi.h"
#include <memory>

namespace mpc::bench {

/// Where the operands of a product lie; `bias` and `saved` only if it is fused.
struct Operands {
  mpcrt::cuda::CUdeviceptr a = 0, b = 0, result = 0;
  mpcrt::cuda::CUdeviceptr bias = 0;  ///< or its gradient, [n]
  mpcrt::cuda::CUdeviceptr saved = 0; ///< what goes into gelu, [m, n]
};

class BestCublasLt {
public:
  /// Tries libcublasLt.so.13, then .12.
  static mpcrt::Result<std::unique_ptr<BestCublasLt>> open();
  ~BestCublasLt();
  BestCublasLt(const BestCublasLt &) = delete;
  BestCublasLt &operator=(const BestCublasLt &) = delete;

  size_t version() const;

  /// One product as this library does it.
  class Product {
  public:
    ~Product();
    Product(const Product &) = delete;
    Product &operator=(const Product &) = delete;

    /// How many algorithms its heuristics give.
    size_t algorithms() const;
    /// False if the algorithm will not do.
    bool enqueue(size_t algorithm, mpcrt::cuda::CUstream stream) const;

  private:
    friend class BestCublasLt;
    struct Parts;
    explicit Product(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts;
  };
  static constexpr size_t workspaceBytes = size_t(64) << 20;

  /// `workspace` has workspaceBytes.
  std::unique_ptr<Product> product(const GemmCase &c, bool bf16,
                                   const Operands &operands,
                                   mpcrt::cuda::CUdeviceptr workspace) const;

private:
  BestCublasLt();
  mpcrt::cuda::lt::Functions functions;
};

} // namespace mpc::bench

#endif
