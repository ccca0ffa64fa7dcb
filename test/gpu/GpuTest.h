// What tests on a GPU share: the skip where there is none, and a context and
// streams of their own.
#ifndef MPC_TEST_GPU_GPUTEST_H
#define MPC_TEST_GPU_GPUTEST_H

#include "runtime/src/cuda/Driver.h"
#include "test/gpu/counting/CountingDriver.h"
#include "test/unit/runtime/program/TestProgram.h"

#include <gtest/gtest.h>

namespace mpcrt::test {

/// Skips its tests, with what mpcrt says, on a machine without a GPU.
class GpuTest : public testing::Test {
protected:
  void SetUp() override;
  void TearDown() override;

  /// The test program for GPUs, and its code.
  static Manifest manifest();
  static const char *code();

  std::shared_ptr<const cuda::Driver> driver;
  cuda::CUcontext context = nullptr; ///< of the caller: current in the test
  cuda::CUstream stream = nullptr;
  cuda::CUmodule module = nullptr;
  cuda::CUfunction fill = nullptr;

  /// Puts x[i] = sampleFloat(i, seed) for i < count on `stream`.
  void fillOnDevice(cuda::CUdeviceptr x, unsigned count, unsigned seed);
};

/// What fillOnDevice() computes, between -0.78 and 0.78, exactly.
float sampleFloat(unsigned i, unsigned seed);

/// Fails unless the calls of a step are one graph launch, `copies` copies from
/// the host, and nothing that allocates or waits; if calls are counted.
void expectCallsOfAStep(const std::map<std::string, int> &calls, int copies);

} // namespace mpcrt::test

#endif // MPC_TEST_GPU_GPUTEST_H
