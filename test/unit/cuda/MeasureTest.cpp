// Measurements on a GPU: what is launched for them, and that nothing stays.
#include "runtime/src/cuda/Rates.h"
#include "test/unit/cuda/CudaTest.h"

using namespace mpcrt;
using namespace mpcrt::test;

using CudaMeasure = CudaTest;

namespace {
constexpr int repeats = 7;

struct Times {
  std::vector<double> launches;
  double step = 0;
  mpcrt_code code = MPCRT_OK;
};

Times measure(Opened &program, int count = repeats) {
  Times times;
  times.launches.resize(size_t(mpcrt_launch_count(program)));
  std::vector<float> x = sampleBatch(0);
  const void *inputs[] = {x.data()};
  times.code = mpcrt_time_step(program, inputs, sampleLabels, count,
                               times.launches.data(), &times.step);
  return times;
}
} // namespace

TEST_F(CudaMeasure, TimesEachLaunchAndTheStepAndLeavesTheStates) {
  Opened program(gpuManifest()), other(gpuManifest());
  program.step(0);
  other.step(0);
  const std::string before = program.digest();
  const std::vector<float> scale = program.floats("loss_scale");
  fakecuda::reset();
  Times times = measure(program);
  ASSERT_EQ(times.code, MPCRT_OK) << program.error();
  ASSERT_EQ(times.launches.size(), 4u);
  for (double seconds : times.launches)
    EXPECT_GT(seconds, 0);
  EXPECT_GT(times.step, 0);
  // A graph of `repeats` launches for each; the step's is there already. Each
  // runs once to warm up, then three times, the step `repeats` times.
  EXPECT_EQ(callsOf("cuGraphAddKernelNode_v2"), 4 * repeats);
  EXPECT_EQ(callsOf("cuGraphInstantiateWithFlags"), 4);
  EXPECT_EQ(callsOf("cuGraphLaunch"), 4 * (1 + 3) + 1 + repeats);
  EXPECT_EQ(callsOf("cuMemAlloc_v2"), 0);
  // It goes on as if nothing had been.
  EXPECT_EQ(program.digest(), before);
  EXPECT_EQ(program.floats("loss_scale"), scale);
  EXPECT_EQ(program.step(1).applied_steps, 2);
  other.step(1);
  EXPECT_EQ(program.digest(), other.digest());
}

TEST_F(CudaMeasure, WantsFinishedStepsAndAFewRepeats) {
  Opened program(gpuManifest());
  EXPECT_EQ(measure(program, 0).code, MPCRT_USAGE);
  EXPECT_EQ(program.error(), "0 repeats, expected 1 to 100000");
  std::vector<float> x = sampleBatch(0);
  const void *inputs[] = {x.data()};
  ASSERT_EQ(mpcrt_step_async(program, inputs, sampleLabels, nullptr), MPCRT_OK);
  EXPECT_EQ(measure(program).code, MPCRT_USAGE);
  ASSERT_EQ(mpcrt_wait(program, nullptr), MPCRT_OK);
  EXPECT_EQ(measure(program).code, MPCRT_OK);
}

TEST_F(CudaMeasure, StatesAreRestoredAfterAFailureToo) {
  Opened program(gpuManifest());
  program.step(0);
  const std::string before = program.digest();
  fail("cuEventElapsedTime", 700);
  EXPECT_EQ(measure(program).code, MPCRT_INTERNAL);
  EXPECT_PRED2(
      [](const std::string &text, const char *part) {
        return text.find(part) != std::string::npos;
      },
      program.error(), "cannot take the time: CUDA_ERROR_ILLEGAL_ADDRESS");
  fakecuda::fail("cuEventElapsedTime", 0);
  EXPECT_EQ(program.digest(), before);
}

TEST_F(CudaMeasure, CopiesAreMeasuredInMemoryThatIsGivenBack) {
  machine("FAKE_CUDA_FREE", "67108864");
  Opened program(gpuManifest());
  const int64_t alive = fakecuda::alive();
  mpcrt_ceilings ceilings = {};
  ASSERT_EQ(mpcrt_measure_ceilings(program, &ceilings), MPCRT_OK)
      << program.error();
  EXPECT_GT(ceilings.copy_bytes, 0);
  // Nobody knows what a fake can compute.
  EXPECT_EQ(ceilings.f32, 0);
  EXPECT_EQ(ceilings.f16, 0);
  EXPECT_STREQ(ceilings.source, "");
  EXPECT_EQ(fakecuda::alive(), alive);
  fail("cuMemcpyDtoDAsync_v2", 2);
  EXPECT_EQ(mpcrt_measure_ceilings(program, &ceilings), MPCRT_OUT_OF_MEMORY);
  EXPECT_EQ(fakecuda::alive(), alive);
}

TEST_F(CudaMeasure, TooLittleMemoryForCopiesIsSaid) {
  machine("FAKE_CUDA_FREE", "3000000");
  Opened program(gpuManifest());
  ASSERT_EQ(program.code(), MPCRT_OK) << program.error();
  mpcrt_ceilings ceilings = {};
  EXPECT_EQ(mpcrt_measure_ceilings(program, &ceilings), MPCRT_OUT_OF_MEMORY);
  EXPECT_EQ(program.error(),
            "too little memory is left on GPU 0 (Fake 0, compute capability "
            "9.0) to measure copies; end what else runs there");
}

// By the names that drivers give.
TEST(Rates, AreThoseOfTheDataSheets) {
  EXPECT_EQ(cuda::ratesOf("NVIDIA H200").f16, 989.5e12);
  EXPECT_EQ(cuda::ratesOf("NVIDIA H100 80GB HBM3").bf16, 989.5e12);
  EXPECT_EQ(cuda::ratesOf("NVIDIA H100 80GB HBM3").f32, 67e12);
  EXPECT_EQ(cuda::ratesOf("NVIDIA H100 PCIe").f16, 756.5e12);
  EXPECT_EQ(cuda::ratesOf("NVIDIA H100 NVL").f32, 60e12);
  EXPECT_EQ(cuda::ratesOf("NVIDIA H200 NVL").f16, 835.5e12);
  EXPECT_EQ(cuda::ratesOf("NVIDIA A100-SXM4-80GB").f32, 19.5e12);
  EXPECT_EQ(cuda::ratesOf("Tesla V100").f16, 0);
}
