// Batches that a kernel of the caller makes on the caller's stream, in the
// caller's context.
#include "test/gpu/GpuTest.h"

using namespace mpcrt;
using namespace mpcrt::test;

namespace {
class GpuCallerStream : public GpuTest {
protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (IsSkipped() || HasFatalFailure())
      return;
    ASSERT_EQ(driver->memAlloc(&x, elements * 4), 0);
    ASSERT_EQ(driver->memAlloc(&y, sizeof sampleLabels), 0);
    ASSERT_EQ(
        driver->memcpyHtoDAsync(y, sampleLabels, sizeof sampleLabels, stream),
        0);
    ASSERT_EQ(driver->streamSynchronize(stream), 0);
  }
  void TearDown() override {
    if (x) {
      EXPECT_EQ(driver->memFree(x), 0);
    }
    if (y) {
      EXPECT_EQ(driver->memFree(y), 0);
    }
    GpuTest::TearDown();
  }

  cuda::CUdeviceptr x = 0, y = 0;
};
} // namespace

TEST_F(GpuCallerStream, BatchesMadeByAKernelNeverTouchTheHost) {
  Opened gpu(manifest(), {}, code()), cpu;
  ASSERT_EQ(gpu.code(), MPCRT_OK) << gpu.error();
  for (unsigned i = 0; i < 20; ++i) {
    if (i >= 2) {
      ASSERT_EQ(mpcrt_wait(gpu, nullptr), MPCRT_OK);
    }
    // The same memory each time: the stream keeps the order.
    fillOnDevice(x, unsigned(elements), i);
    counting::reset();
    const void *inputs[] = {reinterpret_cast<void *>(x)};
    ASSERT_EQ(
        mpcrt_step_async(gpu, inputs, reinterpret_cast<void *>(y), stream),
        MPCRT_OK)
        << gpu.error();
    expectCallsOfAStep(counting::calls(), 0);

    std::vector<float> same(elements);
    for (unsigned j = 0; j < same.size(); ++j)
      same[j] = sampleFloat(j, i);
    const void *onHost[] = {same.data()};
    ASSERT_EQ(mpcrt_step(cpu, onHost, sampleLabels, nullptr), MPCRT_OK);
  }
  EXPECT_EQ(gpu.digest(), cpu.digest());
}

TEST_F(GpuCallerStream, EvaluationsWriteToTheDevice) {
  Opened gpu(manifest(), {}, code()), cpu;
  ASSERT_EQ(gpu.code(), MPCRT_OK) << gpu.error();
  fillOnDevice(x, unsigned(elements), 9);
  ASSERT_EQ(driver->streamSynchronize(stream), 0);
  std::vector<float> same(elements), a(elements), b(elements);
  for (unsigned j = 0; j < same.size(); ++j)
    same[j] = sampleFloat(j, 9);
  const void *onDevice[] = {reinterpret_cast<void *>(x)},
             *onHost[] = {same.data()};
  void *toDevice[] = {reinterpret_cast<void *>(x)}, *toHost[] = {b.data()};
  ASSERT_EQ(mpcrt_eval(gpu, onDevice, toDevice), MPCRT_OK) << gpu.error();
  ASSERT_EQ(mpcrt_eval(cpu, onHost, toHost), MPCRT_OK);
  ASSERT_EQ(driver->memcpyDtoHAsync(a.data(), x, elements * 4, stream), 0);
  ASSERT_EQ(driver->streamSynchronize(stream), 0);
  EXPECT_EQ(a, b);
}
