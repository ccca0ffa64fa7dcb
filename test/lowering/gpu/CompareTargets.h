// Kernels of an emulated GPU against those of the CPU.
#ifndef MPC_TEST_LOWERING_GPU_COMPARETARGETS_H
#define MPC_TEST_LOWERING_GPU_COMPARETARGETS_H

#include "test/lowering/gpu/GpuRunner.h"

namespace mpc::test {

std::vector<Tensor> randomInputs(const KernelSource &kernel);
/// Small whole numbers: every sum is exact, in any order.
std::vector<Tensor> wholeInputs(const KernelSource &kernel);

/// Expects the CPU's results and the GPU's to be the same bits.
void expectSame(const GpuEmitter &emitter, Target target,
                const KernelSource &kernel, const std::vector<Tensor> &inputs);

} // namespace mpc::test

#endif
