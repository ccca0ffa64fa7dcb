// Kernels with matrix products, for the tests.
#ifndef MPC_TEST_LOWERING_GPU_GPUGEMMS_H
#define MPC_TEST_LOWERING_GPU_GPUGEMMS_H

#include "test/lowering/gpu/GpuRunner.h"

namespace mpc::test {

struct Gemm {
  int64_t m, n, k;
  std::string a = "f32", b = "f32", result = "f32";
  bool transA = false, transB = false;
  std::string c = "";    ///< type of C, or none
  std::string text = ""; ///< further attributes
  std::vector<int64_t> tile = {};
};

KernelSource gemm(const Gemm &g);

/// A left operand of type `left` that the kernel itself narrows to f16, two
/// results, a bias that is added after the product was rounded, and a
/// gradient's mask.
KernelSource fusedGemm(int64_t m, int64_t n, int64_t k,
                       const std::string &left);

/// `flags` are trans_a and trans_b, with a comma between.
KernelSource batchMatmul(int64_t batches, int64_t m, int64_t n, int64_t k,
                         const std::string &element, const std::string &flags);

} // namespace mpc::test

#endif
