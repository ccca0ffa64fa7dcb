// Measurements on the CPU, and what launches say of themselves.
#include "test/unit/runtime/program/TestProgram.h"

#include <gtest/gtest.h>

using namespace mpcrt;
using namespace mpcrt::test;

TEST(Measure, LaunchesTellWhatTheyDo) {
  Manifest manifest = sampleManifest();
  Launch &first = manifest.targets[0].trainStep[0];
  first.nodes = {"a", "b"};
  first.bytesRead = 100;
  first.bytesWritten = 20;
  first.operations = 3;
  first.type = "bf16";
  Opened program(manifest);
  ASSERT_EQ(mpcrt_launch_count(program),
            int(manifest.targets[0].trainStep.size()));
  mpcrt_launch_info info = {};
  ASSERT_EQ(mpcrt_launch(program, 0, &info), MPCRT_OK);
  EXPECT_EQ(info.kernel,
            manifest.targets[0].kernels[size_t(first.kernel)].name);
  EXPECT_STREQ(info.node, "a");
  EXPECT_EQ(info.op, first.op);
  EXPECT_EQ(info.direction, first.direction);
  EXPECT_STREQ(info.type, "bf16");
  EXPECT_EQ(info.bytes_read, 100u);
  EXPECT_EQ(info.bytes_written, 20u);
  EXPECT_EQ(info.flops, 3u);
  EXPECT_EQ(mpcrt_launch(program, -1, &info), MPCRT_USAGE);
  EXPECT_EQ(mpcrt_launch(program, 99, &info), MPCRT_USAGE);
  EXPECT_EQ(mpcrt_launch_count(nullptr), 0);
}

TEST(Measure, TimesTheCpuAndLeavesTheStates) {
  Opened program, other;
  program.step(0);
  other.step(0);
  std::vector<double> launches(size_t(mpcrt_launch_count(program)));
  double step = 0;
  std::vector<float> x = sampleBatch(1);
  const void *inputs[] = {x.data()};
  ASSERT_EQ(
      mpcrt_time_step(program, inputs, sampleLabels, 3, launches.data(), &step),
      MPCRT_OK)
      << program.error();
  for (double seconds : launches)
    EXPECT_GT(seconds, 0);
  EXPECT_GT(step, 0);
  EXPECT_EQ(program.digest(), other.digest());
  EXPECT_EQ(program.step(1).applied_steps, other.step(1).applied_steps);
  EXPECT_EQ(program.digest(), other.digest());
  EXPECT_EQ(mpcrt_time_step(program, inputs, sampleLabels, 3, nullptr, &step),
            MPCRT_USAGE);
}

TEST(Measure, TheCpusCeilingsAreMeasured) {
  Opened program;
  mpcrt_ceilings ceilings = {};
  ASSERT_EQ(mpcrt_measure_ceilings(program, &ceilings), MPCRT_OK)
      << program.error();
  // Any CPU with AVX2 does more than that, and less than a GPU.
  EXPECT_GT(ceilings.copy_bytes, 1e8);
  EXPECT_GT(ceilings.f32, 1e9);
  EXPECT_LT(ceilings.f32, 1e15);
  EXPECT_EQ(ceilings.f16, ceilings.f32);
}
