// The executor on the real driver, with the test program, whose kernels are the
// CPU's: every number must agree.
#include "test/gpu/GpuTest.h"

#include <limits>

using namespace mpcrt;
using namespace mpcrt::test;

using GpuStep = GpuTest;

TEST_F(GpuStep, GivesWhatTheCpuGives) {
  Opened gpu(manifest(), {}, code()), cpu;
  ASSERT_EQ(gpu.code(), MPCRT_OK) << gpu.error();
  for (int i = 0; i < 5; ++i) {
    mpcrt_status a = gpu.step(i), b = cpu.step(i);
    EXPECT_EQ(a.applied, 1);
    EXPECT_EQ(a.applied_steps, b.applied_steps);
  }
  EXPECT_EQ(gpu.digest(), cpu.digest());
  EXPECT_EQ(gpu.floats("w.twice"), cpu.floats("w.twice"));
  std::vector<float> x = sampleBatch(3), a(elements), b(elements);
  const void *inputs[] = {x.data()};
  void *onGpu[] = {a.data()}, *onCpu[] = {b.data()};
  ASSERT_EQ(mpcrt_eval(gpu, inputs, onGpu), MPCRT_OK) << gpu.error();
  ASSERT_EQ(mpcrt_eval(cpu, inputs, onCpu), MPCRT_OK);
  EXPECT_EQ(a, b);
}

TEST_F(GpuStep, IsOneGraphLaunchOfAPlannedProgram) {
  counting::reset();
  Opened program(manifest(), {}, code());
  ASSERT_EQ(program.code(), MPCRT_OK) << program.error();
  mpcrt_device_info info;
  ASSERT_EQ(mpcrt_device(program, &info), MPCRT_OK);
  EXPECT_EQ(info.allocated_bytes, info.plan_bytes);
  EXPECT_EQ(counting::allocatedBytes(), info.plan_bytes);
  EXPECT_EQ(counting::calls()["cuMemAlloc_v2"], 1);
  std::vector<float> x = sampleBatch(0);
  const void *inputs[] = {x.data()};
  for (int i = 0; i < 10; ++i) {
    counting::reset();
    ASSERT_EQ(mpcrt_step_async(program, inputs, sampleLabels, nullptr),
              MPCRT_OK);
    expectCallsOfAStep(counting::calls(), 2);
    ASSERT_EQ(mpcrt_wait(program, nullptr), MPCRT_OK);
  }
}

TEST_F(GpuStep, OverlappingStepsKeepTheirOrder) {
  Opened gpu(manifest(), {}, code()), cpu;
  ASSERT_EQ(gpu.code(), MPCRT_OK) << gpu.error();
  for (int i = 0; i < 200; ++i) {
    mpcrt_status status;
    if (i >= 2) {
      ASSERT_EQ(mpcrt_wait(gpu, &status), MPCRT_OK) << gpu.error();
      ASSERT_EQ(status.applied_steps, i - 1);
    }
    // Written over at once: the program has its own copy.
    std::vector<float> x = sampleBatch(i);
    const void *inputs[] = {x.data()};
    ASSERT_EQ(
        mpcrt_step_async(gpu, inputs, sampleLabels, i % 3 ? stream : nullptr),
        MPCRT_OK);
    x.assign(x.size(), -1);
    cpu.step(i);
  }
  EXPECT_EQ(gpu.digest(), cpu.digest());
}

TEST_F(GpuStep, APlantedOverflowChangesNothingButLoopState) {
  Opened program(manifest(), {}, code());
  ASSERT_EQ(program.code(), MPCRT_OK) << program.error();
  program.step(0);
  std::string before = program.digest();
  std::vector<float> x = sampleBatch(1);
  x[elements - 1] = std::numeric_limits<float>::infinity();
  const void *inputs[] = {x.data()};
  mpcrt_status status;
  ASSERT_EQ(mpcrt_step(program, inputs, sampleLabels, &status), MPCRT_OK);
  EXPECT_EQ(status.applied, 0);
  EXPECT_EQ(status.next_loss_scale, 32768.0f);
  EXPECT_EQ(program.digest(), before);
}

TEST_F(GpuStep, StatesAreSetDerivedSavedAndLoaded) {
  Folder folder;
  std::string path = folder.file("c");
  Opened gpu(manifest(), {}, code()), cpu;
  ASSERT_EQ(gpu.code(), MPCRT_OK) << gpu.error();
  std::vector<float> w(elements, 3.0f);
  ASSERT_EQ(mpcrt_set(gpu, "w", w.data(), w.size() * 4), MPCRT_OK);
  EXPECT_EQ(gpu.floats("w.twice"), std::vector<float>(elements, 6.0f));
  gpu.step(0);
  ASSERT_EQ(mpcrt_save(gpu, path.c_str(), nullptr), MPCRT_OK) << gpu.error();
  ASSERT_EQ(mpcrt_load(cpu, path.c_str(), nullptr), MPCRT_OK) << cpu.error();
  gpu.step(1);
  cpu.step(1);
  EXPECT_EQ(gpu.digest(), cpu.digest());
}
