// Kernels with convolutions, for the tests.
#ifndef MPC_TEST_LOWERING_GPU_GPUCONVS_H
#define MPC_TEST_LOWERING_GPU_GPUCONVS_H

#include "test/lowering/gpu/GpuRunner.h"

namespace mpc::test {

struct Conv {
  int64_t n, c, h, w, f, kh, kw;
  std::vector<int64_t> strides = {1, 1}, pads = {0, 0, 0, 0},
                       dilations = {1, 1};
  int64_t groups = 1;
  std::string type = "f16"; ///< of data and weights

  std::string input() const;
  std::string weight() const;
  std::string output() const;
};

KernelSource conv(const Conv &conv);
KernelSource convInputGrad(const Conv &conv);
KernelSource convWeightGrad(const Conv &conv);
/// Of an f32 input that the kernel narrows, with a bias and a relu.
KernelSource fusedConv(const Conv &conv);
/// With a gradient that the kernel masks and a result that it widens.
KernelSource fusedConvWeightGrad(const Conv &conv);

} // namespace mpc::test

#endif
