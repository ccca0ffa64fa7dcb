// Products by cuBLASLt, loaded when an artifact names it.
#ifndef MPC_RUNTIME_SRC_CUDA_CUBLASLT_H
#define MPC_RUNTIME_SRC_CUDA_CUBLASLT_H

#include "runtime/artifact/Manifest.h"
#include "runtime/src/cuda/CublasLtApi.h"

#include <memory>
#include <vector>

namespace mpcrt::cuda {

/// The products of a target, ready to be enqueued. Algorithms are the first
/// that the library's heuristics give for each, so the same library on the same
/// device gives the same bits; sums that are split are kept in f32 outside of
/// the result, so that it is rounded once.
class CublasLt {
public:
  struct Product;
  /// Where the operands of a call lie; `bias` only if it has one.
  struct Operands {
    CUdeviceptr a = 0, b = 0, bias = 0, result = 0;
  };

  /// Loads libcublasLt.so.13, or else .12, and prepares the calls of the
  /// target's entries; the context must be current. Null if there are none, and
  /// if the library is not there or does not start. `fallback` then says so, as
  /// it does of calls that the library has no algorithm for.
  static std::unique_ptr<CublasLt> prepare(const Target &target,
                                           std::string &fallback);
  ~CublasLt();
  CublasLt(const CublasLt &) = delete;
  CublasLt &operator=(const CublasLt &) = delete;

  /// Null if the library does not compute that.
  const Product *find(const LibraryCall &call) const;
  /// Of the one workspace that all calls use, one after another.
  size_t workspaceBytes() const;
  static bool needsWorkspace(const Product &product);

  Status enqueue(const Product &product, const Operands &operands,
                 CUdeviceptr workspace, CUstream stream) const;

private:
  explicit CublasLt(std::unique_ptr<lt::Functions> functions);
  /// Null if it cannot be loaded or does not start.
  static std::unique_ptr<CublasLt> open();
  bool add(const LibraryCall &call);
  bool describe(Product &product) const;
  bool chooseAlgorithm(Product &product) const;

  std::unique_ptr<lt::Functions> functions;
  std::vector<std::unique_ptr<Product>> products;
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_CUBLASLT_H
