// The verbs eval, export and info over the fake program.
#include "runtime/train/Verbs.h"
#include "test/unit/train/Arrays.h"
#include "test/unit/train/FakeProgram.h"
#include "test/unit/train/Schema.h"
#include "test/unit/train/TempDir.h"

#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace mpcrt::train;

namespace {

class VerbTest : public testing::Test {
protected:
  VerbTest() {
    fake() = Fake();
    options.artifact = dir.write("m.mpx", "");
    options.data = dir / "d.npz";
    EXPECT_TRUE(writeCounting(options.data, 6).ok());
  }

  int eval() {
    out.str("");
    err.str("");
    return runEval(options, out, err);
  }

  TempDir dir;
  EvalOptions options;
  std::ostringstream out, err;
};

} // namespace

TEST_F(VerbTest, EvalPrintsMetricsOverRealSamplesOnly) {
  EXPECT_EQ(eval(), 0) << err.str();
  // Samples 0, 1, 2 are right; 3, 4, 5 have all logits 0, whose first class, 0,
  // is right for sample 3 alone.
  EXPECT_NE(out.str().find("samples 6 "), std::string::npos);
  EXPECT_NE(out.str().find("accuracy 0.6667"), std::string::npos) << out.str();
}

TEST_F(VerbTest, EvalTakesFewerSamplesThanABatch) {
  ASSERT_TRUE(writeCounting(options.data, 1).ok());
  EXPECT_EQ(eval(), 0) << err.str();
  EXPECT_NE(out.str().find("accuracy 1.0000"), std::string::npos);
}

TEST_F(VerbTest, EvalJsonFitsItsSchema) {
  options.json = true;
  EXPECT_EQ(eval(), 0) << err.str();
  EXPECT_TRUE(fitsSchema(out.str(), "eval")) << out.str();
  nlohmann::json report = nlohmann::json::parse(out.str());
  EXPECT_EQ(report["samples"], 6);
  EXPECT_NEAR(report["accuracy"].get<double>(), 4.0 / 6, 1e-15);
  Array x = arrayOf<float>(Element::F4, {1, 2}, {1, 0});
  ASSERT_TRUE(writeNpz(options.data, {{"x", &x}}).ok());
  EXPECT_EQ(eval(), 0) << err.str();
  EXPECT_TRUE(fitsSchema(out.str(), "eval")) << out.str();
  EXPECT_TRUE(nlohmann::json::parse(out.str())["loss"].is_null());
}

TEST_F(VerbTest, EvalWritesOneRowPerSample) {
  options.output = dir / "out.npz";
  EXPECT_EQ(eval(), 0) << err.str();
  NpzReader reader;
  ASSERT_TRUE(reader.open(options.output).ok());
  EXPECT_EQ(reader.names(), std::vector<std::string>{"logits"});
  Array logits;
  ASSERT_TRUE(reader.read("logits", 1 << 20, logits).ok());
  EXPECT_EQ(logits.shape, (std::vector<int64_t>{6, 3}));
  EXPECT_EQ(valuesOf<float>(logits.bytes),
            (std::vector<float>{2, 0, 0, 0, 2, 0, 0, 0, 2, //
                                0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_F(VerbTest, EvalOfOneWholeBatchWritesOutputsAsTheyAre) {
  fake().outputs = {{"logits", MPCRT_F32, {4, 3}}, {"sum", MPCRT_F32, {}}};
  options.output = dir / "out.npz";
  EXPECT_EQ(eval(), MPCRT_USAGE); // 6 samples: the sum has no row for each
  ASSERT_TRUE(writeCounting(options.data, 4).ok());
  EXPECT_EQ(eval(), 0) << err.str();
  NpzReader reader;
  Array sum;
  ASSERT_TRUE(reader.open(options.output).ok());
  ASSERT_TRUE(reader.read("sum", 1 << 20, sum).ok());
  EXPECT_TRUE(sum.shape.empty());
  EXPECT_EQ(sum.bytes.size(), sizeof(float));
}

TEST_F(VerbTest, EvalIgnoresLabelsThatAreMarkedSo) {
  Array x = arrayOf<float>(Element::F4, {2, 2}, {1, 0, 1, 0});
  Array y = arrayOf<int64_t>(Element::I8, {2}, {-100, 1});
  ASSERT_TRUE(writeNpz(options.data, {{"x", &x}, {"y", &y}}).ok());
  options.json = true;
  EXPECT_EQ(eval(), 0) << err.str();
  nlohmann::json report = nlohmann::json::parse(out.str());
  EXPECT_EQ(report["labels"], 1);
  EXPECT_EQ(report["accuracy"], 1.0);
  // All labels ignored: the loss is 0 by definition.
  Array none = arrayOf<int64_t>(Element::I8, {2}, {-100, -100});
  ASSERT_TRUE(writeNpz(options.data, {{"x", &x}, {"y", &none}}).ok());
  EXPECT_EQ(eval(), 0) << err.str();
  EXPECT_EQ(nlohmann::json::parse(out.str())["loss"], 0.0);
}

TEST_F(VerbTest, EvalOfValueLabelsUsesTheLossOfTheProgram) {
  fake().classes = 0;
  fake().label = {"y", MPCRT_F32, {4, 3}};
  Array x = arrayOf<float>(Element::F4, {1, 2}, {1, 0}); // output 0 2 0
  Array y = arrayOf<float>(Element::F4, {1, 3}, {0.5f, 5.0f, 0.0f});
  ASSERT_TRUE(writeNpz(options.data, {{"x", &x}, {"y", &y}}).ok());
  options.json = true;
  struct Case {
    const char *loss;
    double value;
  };
  auto logistic = [](double x, double y) {
    double s = 1 / (1 + std::exp(-x));
    return -(y * std::log(s) + (1 - y) * std::log(1 - s));
  };
  double bce = (logistic(0, 0.5) + logistic(2, 5) + logistic(0, 0)) / 3;
  for (Case c : {Case{"mse", (0.25 + 9) / 3}, Case{"l1", 3.5 / 3},
                 Case{"huber", (0.125 + 2.5) / 3}, Case{"bce-logits", bce}}) {
    fake().loss = c.loss;
    EXPECT_EQ(eval(), 0) << err.str();
    nlohmann::json report = nlohmann::json::parse(out.str());
    // The losses sum a handful of doubles of magnitude below 16.
    EXPECT_NEAR(report["loss"].get<double>(), c.value, 1e-14) << c.loss;
    EXPECT_TRUE(report["accuracy"].is_null());
  }
}

// Without and with smoothing: the difference is S (s[y] - mean(s)).
TEST_F(VerbTest, EvalSmoothsLabelsAsTheProgramDoes) {
  Array x = arrayOf<float>(Element::F4, {2, 2}, {1, 0, 2, 0});
  Array y = arrayOf<int64_t>(Element::I8, {2}, {1, 2});
  ASSERT_TRUE(writeNpz(options.data, {{"x", &x}, {"y", &y}}).ok());
  options.json = true;
  double losses[2];
  for (int i = 0; i < 2; ++i) {
    fake().labelSmoothing = i * 0.25;
    EXPECT_EQ(eval(), 0) << err.str();
    losses[i] = nlohmann::json::parse(out.str())["loss"].get<double>();
  }
  // The fake's scores are 2 at the number of the first element, else 0.
  double mean = 2.0 / double(fake().classes);
  EXPECT_NEAR(losses[1] - losses[0], 0.25 * (2 - mean), 1e-14);
}

TEST_F(VerbTest, EvalClassAxisMayBeInTheMiddle) {
  fake().outputs[0].shape = {4, 3, 2}; // class axis 1, two places per sample
  fake().label.shape = {4, 2};
  // The fake fills a sample's 6 numbers: number c is 2 if c is its first
  // element. First element 3 is class 1 of place 1.
  Array x = arrayOf<float>(Element::F4, {1, 2}, {3, 0});
  Array y = arrayOf<int64_t>(Element::I8, {1, 2}, {2, 1});
  ASSERT_TRUE(writeNpz(options.data, {{"x", &x}, {"y", &y}}).ok());
  options.json = true;
  EXPECT_EQ(eval(), 0) << err.str();
  nlohmann::json report = nlohmann::json::parse(out.str());
  double expected = (std::log(3.0) + std::log(std::exp(2.0) + 2) - 2) / 2;
  EXPECT_NEAR(report["loss"].get<double>(), expected, 1e-15);
  EXPECT_EQ(report["accuracy"], 0.5);
}

TEST_F(VerbTest, EvalTakesArraysOneByOne) {
  options.data.clear();
  std::string header = npyHeaderBytes(Element::F4, std::vector<int64_t>{1, 2});
  std::string x = dir.write("x.npy", header + std::string(8, '\0'));
  options.inputs = {"x=" + x};
  EXPECT_EQ(eval(), 0) << err.str();
  EXPECT_EQ(out.str(), "samples 1\n");
  options.inputs = {"x"};
  EXPECT_EQ(eval(), MPCRT_USAGE);
  options.inputs.clear();
  EXPECT_EQ(eval(), MPCRT_USAGE);
}

TEST_F(VerbTest, EvalRefusesToWriteWhereItCannotBeforeItWorks) {
  options.output = options.data;
  EXPECT_EQ(eval(), MPCRT_USAGE);
  options.output = dir / "no/such/out.npz";
  EXPECT_EQ(eval(), MPCRT_FILE);
  options.output = dir / ".";
  EXPECT_EQ(eval(), MPCRT_FILE);
  EXPECT_TRUE(fake().evaluated.empty());
}

TEST_F(VerbTest, ExportWritesTheCheckpointsWeights) {
  ExportOptions exporting;
  exporting.artifact = options.artifact;
  exporting.checkpoint = dir.write("c", "3 3 0 1.5 1 0 0 3 0 0\n");
  exporting.output = dir / "w.safetensors";
  EXPECT_EQ(runExport(exporting, out, err), 0) << err.str();
  EXPECT_EQ(readAll(exporting.output), "1.5\n");
  exporting.output = dir / "w.onnx";
  EXPECT_EQ(runExport(exporting, out, err), MPCRT_USAGE);
  EXPECT_FALSE(std::filesystem::exists(exporting.output));
  exporting.output = dir / "no/such/w.safetensors";
  EXPECT_EQ(runExport(exporting, out, err), MPCRT_FILE);
}

TEST_F(VerbTest, InfoListsEveryTensor) {
  InfoOptions info;
  info.artifact = options.artifact;
  EXPECT_EQ(runInfo(info, out, err), 0) << err.str();
  for (const char *line :
       {"input      x       f32 4x2\n", "label      y       i64 4\n",
        "output     logits  f32 4x3\n", "parameter  w       f32 1\n"})
    EXPECT_NE(out.str().find(line), std::string::npos) << out.str();
  out.str("");
  info.json = info.digest = true;
  EXPECT_EQ(runInfo(info, out, err), 0) << err.str();
  EXPECT_TRUE(fitsSchema(out.str(), "info")) << out.str();
}
