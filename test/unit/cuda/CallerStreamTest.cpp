// Batches that the caller's own work makes on the device, on streams of its
// own, in its own context.
#include "runtime/src/cuda/Driver.h"
#include "test/unit/cuda/CudaTest.h"

using namespace mpcrt;
using namespace mpcrt::test;

namespace {
class CallerStream : public CudaTest {
protected:
  CallerStream() : driver(*cuda::Driver::load()) {
    fakecuda::enter(0);
    const size_t bytes = elements * sizeof(float);
    EXPECT_EQ(driver->memAlloc(&x, bytes), 0);
    EXPECT_EQ(driver->memAlloc(&y, sizeof sampleLabels), 0);
    for (cuda::CUstream &stream : streams)
      EXPECT_EQ(driver->streamCreate(&stream, cuda::STREAM_NON_BLOCKING), 0);
    EXPECT_EQ(driver->eventCreate(&free, 0), 0);
  }
  ~CallerStream() override {
    (void)driver->memFree(x);
    (void)driver->memFree(y);
    (void)driver->eventDestroy(free);
    for (cuda::CUstream stream : streams)
      (void)driver->streamDestroy(stream);
    fakecuda::leave();
  }

  // Puts the making of a batch and a step on a stream, behind what used the
  // batch's memory before, as a caller must.
  void startStep(Opened &program, int number, cuda::CUstream stream) {
    const std::vector<float> made = sampleBatch(number);
    (void)driver->streamWaitEvent(stream, free, 0);
    (void)driver->memcpyHtoDAsync(x, made.data(), made.size() * 4, stream);
    (void)driver->memcpyHtoDAsync(y, sampleLabels, sizeof sampleLabels, stream);
    const void *inputs[] = {reinterpret_cast<void *>(x)};
    ASSERT_EQ(
        mpcrt_step_async(program, inputs, reinterpret_cast<void *>(y), stream),
        MPCRT_OK)
        << program.error();
    (void)driver->eventRecord(free, stream);
  }

  std::shared_ptr<const cuda::Driver> driver;
  cuda::CUdeviceptr x = 0, y = 0;
  cuda::CUevent free = nullptr;
  cuda::CUstream streams[2] = {};
};
} // namespace

TEST_F(CallerStream, FeedsStepsWithoutTheHost) {
  Opened gpu(gpuManifest()), cpu;
  fakecuda::reset();
  startStep(gpu, 0, streams[0]);
  // The test's own two; the program copied on the device.
  EXPECT_EQ(callsOf("cuMemcpyHtoDAsync_v2"), 2);
  EXPECT_EQ(callsOf("cuMemcpyDtoDAsync_v2"), 2);
  EXPECT_EQ(callsOf("cuGraphLaunch"), 1);
  EXPECT_EQ(callsOf("cuEventSynchronize"), 0);
  EXPECT_EQ(mpcrt_wait(gpu, nullptr), MPCRT_OK);
  cpu.step(0);
  EXPECT_EQ(gpu.digest(), cpu.digest());
}

TEST_F(CallerStream, StepsKeepTheirOrderOverStreams) {
  Opened gpu(gpuManifest()), cpu;
  for (int i = 0; i < 6; ++i) {
    if (i >= 2) {
      mpcrt_status status;
      ASSERT_EQ(mpcrt_wait(gpu, &status), MPCRT_OK);
      EXPECT_EQ(status.applied_steps, i - 1);
    }
    const std::vector<float> made = sampleBatch(i);
    const void *inputs[] = {made.data()};
    ASSERT_EQ(mpcrt_step_async(gpu, inputs, sampleLabels, streams[i % 2]),
              MPCRT_OK);
    cpu.step(i);
  }
  // Only the last stream is waited for, so the device keeps the order.
  EXPECT_EQ(driver->streamSynchronize(streams[1]), 0);
  EXPECT_EQ(gpu.digest(), cpu.digest());
}

TEST_F(CallerStream, HostAndDeviceMayBeMixed) {
  Opened gpu(gpuManifest()), cpu;
  const std::vector<float> made = sampleBatch(5);
  (void)driver->memcpyHtoDAsync(x, made.data(), made.size() * 4, streams[0]);
  const void *inputs[] = {reinterpret_cast<void *>(x)};
  ASSERT_EQ(mpcrt_step_async(gpu, inputs, sampleLabels, streams[0]), MPCRT_OK);
  ASSERT_EQ(mpcrt_wait(gpu, nullptr), MPCRT_OK);
  cpu.step(5);
  EXPECT_EQ(gpu.digest(), cpu.digest());
}

TEST_F(CallerStream, EvaluationsWriteToTheDevice) {
  Opened gpu(gpuManifest()), cpu;
  const std::vector<float> made = sampleBatch(5);
  (void)driver->memcpyHtoDAsync(x, made.data(), made.size() * 4, streams[0]);
  (void)driver->streamSynchronize(streams[0]);
  const void *onDevice[] = {reinterpret_cast<void *>(x)},
             *onHost[] = {made.data()};
  std::vector<float> a(elements), b(elements);
  void *toDevice[] = {reinterpret_cast<void *>(x)}, *toHost[] = {b.data()};
  ASSERT_EQ(mpcrt_eval(gpu, onDevice, toDevice), MPCRT_OK) << gpu.error();
  ASSERT_EQ(mpcrt_eval(cpu, onHost, toHost), MPCRT_OK);
  (void)driver->memcpyDtoHAsync(a.data(), x, elements * 4, streams[0]);
  (void)driver->streamSynchronize(streams[0]);
  EXPECT_EQ(a, b);
}
