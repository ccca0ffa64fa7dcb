// Steps, evaluations and states on a GPU, against the same program on the CPU.
#include "test/unit/cuda/CudaTest.h"

#include <cstring>
#include <limits>

using namespace mpcrt;
using namespace mpcrt::test;

namespace {
// What may be called in a step: nothing that allocates or waits.
const std::map<std::string, int> stepCalls = {
    {"cuCtxPushCurrent_v2", 2},    {"cuCtxPopCurrent_v2", 2},
    {"cuPointerGetAttributes", 3}, {"cuMemcpyHtoDAsync_v2", 2},
    {"cuEventRecord", 2},          {"cuStreamWaitEvent", 2},
    {"cuGraphLaunch", 1}};

void startStep(Opened &program, int number) {
  std::vector<float> x = sampleBatch(number);
  const void *inputs[] = {x.data()};
  ASSERT_EQ(mpcrt_step_async(program, inputs, sampleLabels, nullptr), MPCRT_OK)
      << program.error();
}
} // namespace

using CudaStep = CudaTest;

TEST_F(CudaStep, GivesWhatTheCpuGives) {
  Opened gpu(gpuManifest()), cpu;
  ASSERT_EQ(gpu.code(), MPCRT_OK) << gpu.error();
  EXPECT_EQ(gpu.digest(), cpu.digest());
  EXPECT_EQ(gpu.floats("w.twice"), cpu.floats("w.twice"));
  for (int i = 0; i < 5; ++i) {
    mpcrt_status a = gpu.step(i), b = cpu.step(i);
    EXPECT_EQ(a.applied, 1);
    EXPECT_EQ(a.applied_steps, b.applied_steps);
    EXPECT_EQ(a.loss, b.loss);
  }
  EXPECT_EQ(gpu.digest(), cpu.digest());
  EXPECT_EQ(gpu.floats("w.twice"), cpu.floats("w.twice"));
}

// One graph, the input and the labels in, and nothing that allocates or waits.
// The kernels write the status where the host reads it.
TEST_F(CudaStep, IsOneGraphLaunchAndNothingElse) {
  Opened program(gpuManifest());
  startStep(program, 0);
  startStep(program, 1);
  mpcrt_wait(program, nullptr);
  fakecuda::reset();
  startStep(program, 2);
  EXPECT_EQ(fakecuda::calls(), stepCalls);
  fakecuda::reset();
  mpcrt_wait(program, nullptr);
  EXPECT_EQ(fakecuda::calls(),
            (std::map<std::string, int>{{"cuCtxPushCurrent_v2", 1},
                                        {"cuCtxPopCurrent_v2", 1},
                                        {"cuEventSynchronize", 1}}));
}

// Samples are picked on their way to pinned memory, by several threads or one.
TEST_F(CudaStep, PicksSamplesInOneCopyEach) {
  for (int threads : {1, 3}) {
    Opened gpu(gpuManifest(), {threads, nullptr, 0, 0}), cpu;
    ASSERT_EQ(gpu.code(), MPCRT_OK) << gpu.error();
    fakecuda::reset();
    ASSERT_EQ(SampleArrays(1).startStep(gpu), MPCRT_OK) << gpu.error();
    EXPECT_EQ(callsOf("cuMemcpyHtoDAsync_v2"), 2);
    EXPECT_EQ(callsOf("cuGraphLaunch"), 1);
    ASSERT_EQ(mpcrt_wait(gpu, nullptr), MPCRT_OK);
    cpu.step(1);
    EXPECT_EQ(gpu.digest(), cpu.digest());
  }
}

TEST_F(CudaStep, RecordsOneLaunchPerKernelAndSlot) {
  Opened program(gpuManifest());
  // Two slots of four kernels, one of forward, one of derive.
  EXPECT_EQ(callsOf("cuGraphAddKernelNode_v2"), 10);
  EXPECT_EQ(callsOf("cuGraphInstantiateWithFlags"), 4);
  EXPECT_EQ(callsOf("cuGraphUpload"), 4);
  // Hyper-parameters are read and checked: lr and the loss scale.
  EXPECT_EQ(callsOf("cuMemcpyDtoHAsync_v2"), 2);
}

TEST_F(CudaStep, RunsWhileTheOneBeforeIsUnfinished) {
  Opened gpu(gpuManifest()), cpu;
  startStep(gpu, 0);
  for (int i = 1; i < 10; ++i) {
    startStep(gpu, i);
    mpcrt_status status;
    ASSERT_EQ(mpcrt_wait(gpu, &status), MPCRT_OK) << gpu.error();
    EXPECT_EQ(status.applied_steps, i);
  }
  // What reads the state waits for the last one.
  for (int i = 0; i < 10; ++i)
    cpu.step(i);
  EXPECT_EQ(gpu.digest(), cpu.digest());
  mpcrt_status status;
  ASSERT_EQ(mpcrt_wait(gpu, &status), MPCRT_OK);
  EXPECT_EQ(status.applied_steps, 10);
}

TEST_F(CudaStep, ASkippedStepChangesNothingButLoopState) {
  Opened program(gpuManifest());
  program.step(0);
  std::string before = program.digest();
  std::vector<float> x = sampleBatch(1);
  x[7] = std::numeric_limits<float>::quiet_NaN();
  const void *inputs[] = {x.data()};
  mpcrt_status status;
  ASSERT_EQ(mpcrt_step(program, inputs, sampleLabels, &status), MPCRT_OK);
  EXPECT_EQ(status.applied, 0);
  EXPECT_EQ(status.nonfinite_count, 1);
  EXPECT_EQ(program.digest(), before);
  EXPECT_EQ(program.floats("loss_scale")[0], 32768.0f);
}

TEST_F(CudaStep, LabelsOfTheHostAreChecked) {
  Opened program(gpuManifest());
  const int64_t labels[batch] = {0, 1, 10, 3};
  std::vector<float> x = sampleBatch(0);
  const void *inputs[] = {x.data()};
  EXPECT_EQ(mpcrt_step(program, inputs, labels, nullptr), MPCRT_INVALID_DATA);
}

TEST_F(CudaStep, AFailedGraphSaysWhatTheDriverSays) {
  Opened program(gpuManifest());
  fail("cuEventSynchronize", 700);
  std::vector<float> x = sampleBatch(0);
  const void *inputs[] = {x.data()};
  EXPECT_EQ(mpcrt_step(program, inputs, sampleLabels, nullptr), MPCRT_INTERNAL);
  EXPECT_EQ(program.error(),
            "cannot finish a step: CUDA_ERROR_ILLEGAL_ADDRESS (a text of the "
            "driver); report this as a defect of mpc");
}

TEST_F(CudaStep, EvaluatesThroughTensorMapsToo) {
  Manifest manifest = gpuManifest();
  Kernel &forward = manifest.targets[0].kernels[4];
  forward.name = "forwardMapped";
  forward.maps = {{0, DType::F32, {width, batch}, {width * 4}, {32, 4}, 128}};
  Opened gpu(manifest), cpu;
  ASSERT_EQ(gpu.code(), MPCRT_OK) << gpu.error();
  std::vector<float> x = sampleBatch(3), a(elements), b(elements);
  const void *inputs[] = {x.data()};
  void *onGpu[] = {a.data()}, *onCpu[] = {b.data()};
  // With an unfinished step, which has the same slot.
  startStep(gpu, 0);
  cpu.step(0);
  ASSERT_EQ(mpcrt_eval(gpu, inputs, onGpu), MPCRT_OK) << gpu.error();
  ASSERT_EQ(mpcrt_eval(cpu, inputs, onCpu), MPCRT_OK);
  EXPECT_EQ(a, b);
  mpcrt_status status;
  ASSERT_EQ(mpcrt_wait(gpu, &status), MPCRT_OK);
  EXPECT_EQ(status.applied_steps, 1);
}

TEST_F(CudaStep, StatesAreSetAndDerived) {
  Opened program(gpuManifest());
  std::vector<float> w(elements, 3.0f);
  startStep(program, 0);
  ASSERT_EQ(mpcrt_set(program, "w", w.data(), w.size() * 4), MPCRT_OK);
  EXPECT_EQ(program.floats("w"), w);
  EXPECT_EQ(program.floats("w.twice"), std::vector<float>(elements, 6.0f));
  ASSERT_EQ(mpcrt_set_hyper(program, "lr", 0.25), MPCRT_OK);
  double rate = 0;
  ASSERT_EQ(mpcrt_get_hyper(program, "lr", &rate), MPCRT_OK);
  EXPECT_EQ(rate, 0.25);
}

TEST_F(CudaStep, CheckpointsAreThoseOfTheCpu) {
  Folder folder;
  std::string fromGpu = folder.file("gpu"), fromCpu = folder.file("cpu");
  {
    Opened gpu(gpuManifest()), cpu;
    gpu.step(0);
    cpu.step(0);
    ASSERT_EQ(mpcrt_save(gpu, fromGpu.c_str(), nullptr), MPCRT_OK);
    ASSERT_EQ(mpcrt_save(cpu, fromCpu.c_str(), nullptr), MPCRT_OK);
  }
  EXPECT_EQ(readFile(fromGpu), readFile(fromCpu));
  Opened gpu(gpuManifest()), cpu;
  ASSERT_EQ(mpcrt_load(gpu, fromCpu.c_str(), nullptr), MPCRT_OK) << gpu.error();
  ASSERT_EQ(mpcrt_load(cpu, fromGpu.c_str(), nullptr), MPCRT_OK);
  gpu.step(1);
  cpu.step(1);
  EXPECT_EQ(gpu.digest(), cpu.digest());
  EXPECT_EQ(gpu.floats("w.twice"), cpu.floats("w.twice"));
}

TEST_F(CudaStep, AnEmptyProgramRuns) {
  Manifest manifest = gpuManifest();
  manifest.inputs[0].shape = {0, width};
  manifest.label.shape = {0};
  manifest.outputs[0].shape = {0, width};
  Target &gpu = manifest.targets[0];
  gpu.trainStep.clear();
  gpu.forward.clear();
  gpu.derive.clear();
  Opened program(manifest);
  ASSERT_EQ(program.code(), MPCRT_OK) << program.error();
  const void *inputs[] = {nullptr};
  void *outputs[] = {nullptr};
  mpcrt_status status;
  EXPECT_EQ(mpcrt_step(program, inputs, sampleLabels, &status), MPCRT_OK);
  EXPECT_EQ(status.applied, 0);
  EXPECT_EQ(mpcrt_eval(program, inputs, outputs), MPCRT_OK);
}
