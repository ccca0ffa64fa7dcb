// The matrix products of training steps that benchmarks/gemm times.
#ifndef MPC_BENCHMARKS_GEMM_CASES_H
#define MPC_BENCHMARKS_GEMM_CASES_H

#include <cstdint>
#include <string>
#include <vector>

namespace mpc::bench {

/// What is done with the sums besides rounding them once.
enum class Fused {
  Nothing,
  BiasGelu,     ///< adds a bias, stores that and its gelu_tanh
  GeluGradBias, ///< times gelu_tanh' of a stored value; also its column sums
};

/// result[m, n] = A' * B'; in memory A is [k, m] if `transA`, B [n, k] if
/// `transB`, all row-major and dense.
struct GemmCase {
  std::string name;
  int64_t m, n, k;
  bool transA = false, transB = false;
  Fused fused = Fused::Nothing;

  double operations() const { return 2.0 * double(m) * double(n) * double(k); }
};

/// Per layer of gpt2 and bert with 8192 tokens and of mlp with a batch of 512:
/// the forward product, the gradient of its input and that of its weights, with
/// operands as the steps have them; rows of odd length (50257, 10) as padded.
/// Then the fused ones.
std::vector<GemmCase> gemmCases();

} // namespace mpc::bench

#endif
