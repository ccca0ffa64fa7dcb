// The verb bench on a program whose times are known.
#include "runtime/train/Bench.h"
#include "runtime/train/Verbs.h"
#include "test/unit/train/Arrays.h"
#include "test/unit/train/FakeProgram.h"
#include "test/unit/train/Schema.h"

#include <gtest/gtest.h>

using namespace mpcrt::train;

namespace {

mpcrt_launch_info launch(const char *kernel, const char *type, uint64_t read,
                         uint64_t written, uint64_t flops) {
  return {kernel, "fc",    "Gemm", "forward",  type,
          read,   written, flops,  "generated"};
}

class Bench : public testing::Test {
protected:
  Bench() {
    fake() = Fake();
    fake().launches = {launch("k0_gemm", "f16", 1000000, 1000000, 989000000),
                       launch("k1_relu", "f32", 4000000, 4000000, 1000000)};
    options.artifact = folder.write("m.mpx", "");
    options.steps = 10;
  }

  int run() {
    out.str("");
    return runBench(options, out, err);
  }

  TempDir folder;
  BenchOptions options;
  std::ostringstream out, err;
};

TEST_F(Bench, TellsWhatBoundsEachLaunchAndItsShare) {
  ASSERT_EQ(run(), 0) << err.str();
  EXPECT_EQ(fake().timedRepeats, 10);
  const std::string text = out.str();
  auto has = [&](const char *part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  };
  has("the cpu (a fake), code for none, batch 4, 10 steps\n");
  has("copy 4.00 TB/s (measured); f32 67.00 TFLOP/s, f16 989.00 TFLOP/s, bf16 "
      "989.00 TFLOP/s (a sheet)\n");
  // 2 MB at 4 TB/s are 0.5 us, 989 Mflop at 989 TFLOP/s 1 us, of 1 us.
  has("1.00    1.000       1.000  989.000  f16       1.00  flops   100%\n");
  // 8 MB are 2 us, of 2 us.
  has("2.00    4.000       4.000    1.000  f32       2.00  bytes   100%\n");
  has("sum of 2 launches: 3.00 us, least 3.00 us\nstep: 5.00 us\nstep with the "
      "host: ");
}

TEST_F(Bench, JsonFitsItsSchema) {
  options.json = true;
  ASSERT_EQ(run(), 0) << err.str();
  nlohmann::json report = nlohmann::json::parse(out.str());
  report["target"] = "sm_90a"; // the fake has none
  EXPECT_TRUE(fitsSchema(report.dump(), "bench")) << out.str();
  EXPECT_EQ(report["launches"][0]["bound"], "flops");
  EXPECT_EQ(report["launches"][0]["provider"], "generated");
  EXPECT_DOUBLE_EQ(report["launches"][1]["share"], 1);
  EXPECT_DOUBLE_EQ(report["launch_seconds"], 3e-6);
  EXPECT_DOUBLE_EQ(report["least_seconds"], 3e-6);
  EXPECT_GT(report["host_step_seconds"], 0);
  fake().ceilings = {4e12, 0, 0, 0, ""};
  ASSERT_EQ(run(), 0);
  report = nlohmann::json::parse(out.str());
  report["target"] = "ptx";
  EXPECT_TRUE(fitsSchema(report.dump(), "bench")) << out.str();
  EXPECT_EQ(report["launches"][0]["bound"], "bytes");
  EXPECT_TRUE(report["ceilings"]["flops_per_second"]["f16"].is_null());
}

TEST_F(Bench, MarkdownHasARowPerLaunch) {
  options.markdown = true;
  ASSERT_EQ(run(), 0) << err.str();
  EXPECT_NE(out.str().find(
                "| kernel | node | op | direction | provider | us | MB read | "
                "MB written | Mflop | type | least us | bound | "
                "share |\n|---|---|---|---|---|---:|---:|---:|---:|---"
                "|---:|---|---:|\n| k0_gemm | fc |"),
            std::string::npos)
      << out.str();
  EXPECT_NE(out.str().find("\n- step: 5.00 us\n"), std::string::npos);
}

TEST_F(Bench, StepsOverlapOnAGpuAlone) {
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(fake().mostUnfinished, 1u);
  fake().device = "0";
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(fake().mostUnfinished, 2u);
}

TEST_F(Bench, SaysWhyItIsNotAGpu) {
  fake().passedOver = "no NVIDIA driver";
  ASSERT_EQ(run(), 0);
  EXPECT_EQ(err.str(), "note: runs on the cpu: no NVIDIA driver\n");
}

TEST_F(Bench, TakesTheFirstBatchOfTheData) {
  options.data = folder / "d.npz";
  ASSERT_TRUE(writeCounting(options.data, 9).ok());
  ASSERT_EQ(run(), 0) << err.str();
  EXPECT_EQ(fake().timed, (std::vector<float>{0, 1, 2, 3}));
  ASSERT_TRUE(writeCounting(options.data, 3).ok());
  EXPECT_EQ(run(), MPCRT_INVALID_DATA);
  EXPECT_NE(err.str().find("has 3 samples, but a batch has 4"),
            std::string::npos);
}

TEST_F(Bench, MakesUpABatchWithLabelsInRange) {
  fake().classes = 2;
  ASSERT_EQ(run(), 0) << err.str();
  for (int64_t label : fake().seenLabels)
    EXPECT_TRUE(label == 0 || label == 1);
  for (float x : fake().timed)
    EXPECT_TRUE(x >= -1 && x < 1);
}

} // namespace
