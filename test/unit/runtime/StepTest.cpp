// Opening, stepping and evaluating.
#include "runtime/src/Memory.h"
#include "test/unit/runtime/program/TestProgram.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace mpcrt;
using namespace mpcrt::test;

TEST(Open, ComputesDerivedStates) {
  Opened program;
  ASSERT_EQ(program.code(), MPCRT_OK) << program.error();
  std::vector<float> w = program.floats("w"), twice = program.floats("w.twice");
  for (size_t i = 0; i < w.size(); ++i)
    ASSERT_EQ(twice[i], w[i] + w[i]);
}

TEST(Open, TakesDataFromTheFile) {
  EXPECT_EQ(Opened().floats("mean"), (std::vector<float>{1, 2, 3}));
}

TEST(Open, TheSeedDecidesTheState) {
  Opened artifactSeed;
  Opened same(sampleManifest(), {1, nullptr, 1, 17});
  Opened other(sampleManifest(), {1, nullptr, 1, 18});
  EXPECT_EQ(artifactSeed.digest(), same.digest());
  EXPECT_NE(artifactSeed.digest(), other.digest());
}

TEST(Open, TellsWhatTheProgramTakes) {
  Opened program;
  mpcrt_tensor_info info;
  ASSERT_EQ(mpcrt_input_count(program), 1);
  ASSERT_EQ(mpcrt_input(program, 0, &info), MPCRT_OK);
  EXPECT_STREQ(info.name, "x");
  EXPECT_EQ(info.dtype, MPCRT_F32);
  EXPECT_EQ(info.role, MPCRT_ROLE_INPUT);
  EXPECT_EQ(info.rank, 2);
  EXPECT_EQ(info.shape[1], width);
  EXPECT_EQ(info.bytes, size_t(elements) * 4);
  ASSERT_EQ(mpcrt_label(program, &info), MPCRT_OK);
  EXPECT_EQ(info.role, MPCRT_ROLE_LABEL);
  int64_t classes, ignored;
  int axis;
  ASSERT_EQ(mpcrt_label_classes(program, &classes, &axis, &ignored), MPCRT_OK);
  EXPECT_EQ(classes, 10);
  EXPECT_EQ(axis, 1);
  EXPECT_EQ(ignored, -100);
  EXPECT_EQ(mpcrt_output(program, 1, &info), MPCRT_USAGE);
  EXPECT_EQ(program.error(), "no output 1, the program has 1");
}

TEST(Open, TellsWhatTheProgramWasCompiledFor) {
  Manifest manifest = sampleManifest();
  Opened program;
  mpcrt_training_info info;
  ASSERT_EQ(mpcrt_training(program, &info), MPCRT_OK);
  EXPECT_EQ(info.loss, manifest.training.loss);
  EXPECT_EQ(info.optimizer, manifest.training.optimizer);
  EXPECT_EQ(info.precision, manifest.training.precision);
  EXPECT_EQ(info.scaled, manifest.training.scaled ? 1 : 0);
  EXPECT_EQ(info.batch, manifest.training.batch);
  EXPECT_EQ(info.seed, manifest.training.seed);
}

TEST(Open, TellsWhereTheProgramRuns) {
  Opened program;
  mpcrt_device_info info;
  ASSERT_EQ(mpcrt_device(program, &info), MPCRT_OK);
  EXPECT_STREQ(info.device, "cpu");
  EXPECT_STREQ(info.target, "cpu");
  // The states, the arena, a batch and its labels, an output.
  EXPECT_EQ(info.plan_bytes, uint64_t(elements) * 8 + 4 + 4 + 8 + 8 + 12 +
                                 20001 * 4 + uint64_t(elements) * 4 + 128 +
                                 uint64_t(elements) * 8 + batch * 8);
  EXPECT_EQ(info.allocated_bytes, 0u);
}

TEST(Open, RefusesACpuThatLacksAFeature) {
  Manifest manifest = sampleManifest();
  manifest.targets[0].isa = "future";
  manifest.targets[0].features = {"sse2", "avx9000"};
  Opened program(manifest);
  EXPECT_EQ(program.code(), MPCRT_DEVICE);
  EXPECT_EQ(program.error(), "artifact is for future (sse2, avx9000), this CPU "
                             "lacks avx9000; compile the model for this CPU");
}

TEST(Open, RefusesOtherTargetsAndDevices) {
  Manifest manifest = sampleManifest();
  manifest.targets[0].target = "sm_90a";
  Opened gpu(manifest);
  EXPECT_EQ(gpu.code(), MPCRT_DEVICE);
  Opened onCpu(manifest, {1, "cpu", 0, 0});
  EXPECT_EQ(onCpu.code(), MPCRT_DEVICE);
  EXPECT_PRED2(contains, onCpu.error(),
               "is for sm_90a, but it shall run on the cpu; pass --device 0");
  Opened device(sampleManifest(), {1, "cuda:0", 0, 0});
  EXPECT_EQ(device.code(), MPCRT_DEVICE);
  EXPECT_EQ(device.error(),
            "no device 'cuda:0'; expected cpu, or the number of a GPU");
  Opened onGpu(sampleManifest(), {1, "1", 0, 0});
  EXPECT_EQ(onGpu.code(), MPCRT_DEVICE);
  EXPECT_PRED2(contains, onGpu.error(),
               "is for cpu, but it shall run on GPU 1; pass --device cpu");
  Opened threads(sampleManifest(), {-1, nullptr, 0, 0});
  EXPECT_EQ(threads.code(), MPCRT_USAGE);
}

TEST(Open, AFailedProgramCarriesItsMessageAndCloses) {
  mpcrt_program *program = nullptr;
  EXPECT_EQ(mpcrt_open("/nonexistent.mpx", nullptr, &program), MPCRT_FILE);
  ASSERT_NE(program, nullptr);
  char digest[33];
  EXPECT_EQ(mpcrt_digest(program, digest), MPCRT_USAGE);
  EXPECT_PRED2(contains, std::string(mpcrt_last_error(program)),
               "cannot open '/nonexistent.mpx'");
  mpcrt_close(program);
  mpcrt_close(nullptr);
}

TEST(Open, EveryTruncatedArtifactIsRefused) {
  std::vector<std::byte> file = artifactOf(sampleManifest());
  for (size_t size = 0; size < file.size(); size += 13) {
    mpcrt_program *program = nullptr;
    EXPECT_EQ(mpcrt_open_memory(file.data(), size, nullptr, &program),
              MPCRT_DAMAGED);
    mpcrt_close(program);
  }
}

TEST(Step, AppliesTheUpdateAndReportsIt) {
  Opened program;
  std::vector<float> w = program.floats("w"), x = sampleBatch(0);
  mpcrt_status status = program.step(0);
  EXPECT_EQ(status.applied, 1);
  EXPECT_EQ(status.applied_steps, 1);
  EXPECT_EQ(status.skipped_steps, 0);
  EXPECT_EQ(status.nonfinite_count, 0);
  EXPECT_EQ(status.loss, 1.0f);
  EXPECT_EQ(status.loss_scale, 65536.0f);
  EXPECT_EQ(status.next_loss_scale, 65536.0f);
  EXPECT_EQ(status.grad_norm, 0.5f);
  EXPECT_EQ(status.lr, 0.5f);
  std::vector<float> after = program.floats("w");
  for (size_t i = 0; i < w.size(); ++i) {
    float gradient = x[i] * w[i];
    float change = 0.5f * gradient;
    ASSERT_EQ(after[i], w[i] - change);
  }
}

TEST(Step, ASkippedStepChangesNothingButLoopState) {
  Opened program;
  program.step(0);
  std::string before = program.digest();
  std::vector<float> x = sampleBatch(1);
  x[elements - 1] = std::numeric_limits<float>::infinity();
  const void *inputs[] = {x.data()};
  mpcrt_status status;
  ASSERT_EQ(mpcrt_step(program, inputs, sampleLabels, &status), MPCRT_OK);
  EXPECT_EQ(status.applied, 0);
  EXPECT_EQ(status.nonfinite_count, 1);
  EXPECT_EQ(status.skipped_steps, 1);
  EXPECT_EQ(status.next_loss_scale, 32768.0f);
  EXPECT_EQ(program.digest(), before);
  EXPECT_EQ(program.floats("loss_scale")[0], 32768.0f);
}

TEST(Step, RefusesLabelsOutOfRangeBeforeAnythingRuns) {
  Opened program;
  std::string before = program.digest();
  std::vector<float> x = sampleBatch(0);
  const void *inputs[] = {x.data()};
  for (int64_t bad : {int64_t(10), int64_t(-1), int64_t(1) << 40}) {
    const int64_t labels[batch] = {0, 1, bad, 3};
    EXPECT_EQ(mpcrt_step(program, inputs, labels, nullptr), MPCRT_INVALID_DATA);
    EXPECT_EQ(program.error(), "label 'y' of sample 2 is " +
                                   std::to_string(bad) +
                                   ", expected 0 to 9, or -100 to ignore it; "
                                   "correct the data");
  }
  EXPECT_EQ(program.digest(), before);
}

TEST(Step, IsRefusedByAProgramThatOnlyEvaluates) {
  Manifest manifest = sampleManifest();
  manifest.training.optimizer.clear();
  Opened program(manifest);
  std::vector<float> x = sampleBatch(0);
  const void *inputs[] = {x.data()};
  EXPECT_EQ(mpcrt_step(program, inputs, sampleLabels, nullptr), MPCRT_USAGE);
  EXPECT_NE(program.error().find("only evaluates"), std::string::npos);
}

TEST(Step, RefusesNullPointers) {
  Opened program;
  const void *inputs[] = {nullptr};
  EXPECT_EQ(mpcrt_step(program, inputs, sampleLabels, nullptr), MPCRT_USAGE);
  EXPECT_EQ(program.error(), "input 0 ('x') is a null pointer");
  EXPECT_EQ(mpcrt_step(program, nullptr, sampleLabels, nullptr), MPCRT_USAGE);
  std::vector<float> x = sampleBatch(0);
  inputs[0] = x.data();
  EXPECT_EQ(mpcrt_step(program, inputs, nullptr, nullptr), MPCRT_USAGE);
  EXPECT_EQ(mpcrt_step(nullptr, inputs, sampleLabels, nullptr), MPCRT_USAGE);
}

TEST(Step, TheNumberOfThreadsDoesNotMatter) {
  Opened one(1);
  for (int i = 0; i < 20; ++i)
    one.step(i);
  for (int threads : {2, 3, 7}) {
    Opened many(threads);
    for (int i = 0; i < 20; ++i)
      many.step(i);
    EXPECT_EQ(many.digest(), one.digest()) << threads;
    EXPECT_EQ(many.floats("w"), one.floats("w")) << threads;
  }
}

TEST(Step, UnalignedBatchesGiveTheSame) {
  Opened aligned, unaligned;
  std::vector<float> x = sampleBatch(0);
  AlignedBuffer memory(elements * 4);
  std::memcpy(memory.data(), x.data(), elements * 4);
  const void *alignedInputs[] = {memory.data()};
  ASSERT_EQ(mpcrt_step(aligned, alignedInputs, sampleLabels, nullptr),
            MPCRT_OK);
  // One byte off the alignment of anything.
  std::vector<char> bytes(elements * 4 + 65), labels(sizeof sampleLabels + 1);
  std::memcpy(bytes.data() + 1, x.data(), elements * 4);
  std::memcpy(labels.data() + 1, sampleLabels, sizeof sampleLabels);
  const void *inputs[] = {bytes.data() + 1};
  ASSERT_EQ(mpcrt_step(unaligned, inputs, labels.data() + 1, nullptr),
            MPCRT_OK);
  EXPECT_EQ(aligned.digest(), unaligned.digest());
}

TEST(StepAsync, GivesTheStatusesInTheirOrder) {
  Opened program, other;
  mpcrt_status first, second;
  for (int i = 0; i < 2; ++i) {
    std::vector<float> x = sampleBatch(i);
    if (i == 1)
      x[0] = std::numeric_limits<float>::infinity();
    const void *inputs[] = {x.data()};
    ASSERT_EQ(mpcrt_step_async(program, inputs, sampleLabels, nullptr),
              MPCRT_OK);
  }
  ASSERT_EQ(mpcrt_wait(program, &first), MPCRT_OK);
  ASSERT_EQ(mpcrt_wait(program, &second), MPCRT_OK);
  EXPECT_EQ(first.applied, 1);
  EXPECT_EQ(second.applied, 0);
  EXPECT_EQ(second.skipped_steps, 1);
  other.step(0);
  EXPECT_EQ(program.digest(), other.digest());
}

TEST(StepSamples, IsTheStepOnThoseThatArePicked) {
  for (int threads : {1, 3}) {
    Opened picked(threads), given(threads);
    for (int number : {0, 1}) {
      ASSERT_EQ(SampleArrays(number).startStep(picked), MPCRT_OK)
          << picked.error();
      ASSERT_EQ(mpcrt_wait(picked, nullptr), MPCRT_OK);
      given.step(number);
    }
    EXPECT_EQ(picked.digest(), given.digest());
  }
}

TEST(StepSamples, LooksAtTheLabelsThatArePicked) {
  Opened program;
  SampleArrays arrays(0);
  arrays.y[1] = 10; // is not picked
  ASSERT_EQ(arrays.startStep(program), MPCRT_OK) << program.error();
  ASSERT_EQ(mpcrt_wait(program, nullptr), MPCRT_OK);
  const std::string before = program.digest();
  arrays.y[5] = 10;
  EXPECT_EQ(arrays.startStep(program), MPCRT_INVALID_DATA);
  EXPECT_EQ(program.error(), "label 'y' of sample 3 is 10, expected 0 to 9, or "
                             "-100 to ignore it; correct the data");
  EXPECT_EQ(program.digest(), before);
}

TEST(StepSamples, RefusesWhatDoesNotConsistOfSamples) {
  Manifest manifest = sampleManifest();
  manifest.training.batch = 3;
  Opened program(manifest);
  EXPECT_EQ(SampleArrays(0).startStep(program), MPCRT_USAGE);
  EXPECT_EQ(program.error(),
            "'y' is I64 4, not 3 samples; call mpcrt_step_async");
  const void *inputs[] = {nullptr};
  EXPECT_EQ(
      mpcrt_step_samples_async(program, inputs, sampleLabels, nullptr, nullptr),
      MPCRT_USAGE);
  EXPECT_EQ(program.error(), "the samples are a null pointer");
}

TEST(StepAsync, SaysWhenToWait) {
  Opened program;
  EXPECT_EQ(mpcrt_wait(program, nullptr), MPCRT_USAGE);
  EXPECT_EQ(program.error(),
            "no step is unfinished; start one with mpcrt_step_async");
  std::vector<float> x = sampleBatch(0);
  const void *inputs[] = {x.data()};
  for (int i = 0; i < MPCRT_MAX_UNFINISHED; ++i)
    EXPECT_EQ(mpcrt_step_async(program, inputs, sampleLabels, nullptr),
              MPCRT_OK);
  EXPECT_EQ(mpcrt_step_async(program, inputs, sampleLabels, nullptr),
            MPCRT_USAGE);
  EXPECT_EQ(program.error(),
            "2 steps are unfinished, which is the most; call mpcrt_wait");
  EXPECT_EQ(mpcrt_wait(program, nullptr), MPCRT_OK);
  EXPECT_EQ(mpcrt_step(program, inputs, sampleLabels, nullptr), MPCRT_USAGE);
  EXPECT_EQ(program.error(),
            "a step is unfinished; call mpcrt_wait before mpcrt_step");
}

TEST(Eval, WritesAlignedAndUnalignedOutputs) {
  Opened program;
  std::vector<float> x = sampleBatch(3), twice = program.floats("w.twice");
  const void *inputs[] = {x.data()};
  AlignedBuffer memory(elements * 4 + 128);
  for (size_t shift : {0, 4, 21, 64}) {
    char *place = static_cast<char *>(memory.data()) + shift;
    std::memset(memory.data(), 0x55, memory.size());
    void *outputs[] = {place};
    ASSERT_EQ(mpcrt_eval(program, inputs, outputs), MPCRT_OK);
    std::vector<float> out(elements);
    std::memcpy(out.data(), place, elements * 4);
    for (size_t i = 0; i < out.size(); ++i)
      ASSERT_EQ(out[i], x[i] * twice[i]);
    EXPECT_EQ(place[elements * 4], 0x55) << "wrote past the output";
  }
}

TEST(Eval, ChangesNoState) {
  Opened program;
  std::string before = program.digest();
  std::vector<float> x = sampleBatch(3), out(elements);
  const void *inputs[] = {x.data()};
  void *outputs[] = {out.data()};
  ASSERT_EQ(mpcrt_eval(program, inputs, outputs), MPCRT_OK);
  EXPECT_EQ(program.digest(), before);
}

#if defined(__x86_64__)
TEST(Eval, KeepsSubnormalsEvenIfTheCallerFlushesThem) {
  for (int threads : {1, 2}) {
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040); // flush to zero, denormals are zero
    unsigned flushing = _mm_getcsr();
    Opened program(threads);
    std::vector<float> w(elements, 1.0f), out(elements);
    std::vector<float> x(elements, std::numeric_limits<float>::denorm_min());
    mpcrt_set(program, "w", w.data(), w.size() * 4);
    const void *inputs[] = {x.data()};
    void *outputs[] = {out.data()};
    mpcrt_eval(program, inputs, outputs);
    unsigned after = _mm_getcsr();
    _mm_setcsr(before);
    // All but the sticky flags of what happened outside kernels.
    EXPECT_EQ(after & ~0x3fu, flushing & ~0x3fu);
    for (float value : out)
      ASSERT_EQ(value, 2 * std::numeric_limits<float>::denorm_min());
  }
}
#endif
