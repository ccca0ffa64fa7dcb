// Compiled kernels against the formulas of the ops, in f64 or exactly.
#include "test/lowering/ProgramRunner.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace mpc::test;

static std::vector<float> randomFloats(size_t count, float scale = 1) {
  std::mt19937 random(unsigned(count) * 7919u);
  std::uniform_real_distribution<float> uniform(-scale, scale);
  std::vector<float> values(count);
  for (float &value : values)
    value = uniform(random);
  return values;
}

// A module with @forward of one op.
static std::string forward(const std::string &arguments,
                           const std::string &results,
                           const std::string &body) {
  return "func.func @forward(" + arguments + ") -> (" + results + ") {\n" +
         body + "\n}";
}

// One call for all tiles, and one call per tile from the last to the first,
// must give the same bits.
static std::vector<Bytes> runBothWays(ProgramRunner &runner,
                                      const std::vector<Bytes> &arguments) {
  auto whole = runner.run("forward", arguments);
  EXPECT_EQ(whole, runner.run("forward", arguments, /*splitTiles=*/true));
  return whole;
}

TEST(Elementwise, BroadcastsARowOverAMatrix) {
  ProgramRunner runner(forward(
      "%x: tensor<300x131xf32>, %y: tensor<131xf32>", "tensor<300x131xf32>",
      "%z = mpc.add %x, %y : (tensor<300x131xf32>, tensor<131xf32>) -> "
      "tensor<300x131xf32>\nfunc.return %z : tensor<300x131xf32>"));
  ASSERT_TRUE(runner.ok());
  auto x = randomFloats(300 * 131), y = randomFloats(131);
  auto z = fromBytes<float>(runBothWays(runner, {toBytes(x), toBytes(y)})[0]);
  for (size_t i = 0; i < z.size(); ++i)
    ASSERT_EQ(z[i], x[i] + y[i % 131]) << i;
}

TEST(Elementwise, BroadcastsChannelsOverImages) {
  ProgramRunner runner(forward(
      "%x: tensor<2x3x5x7xf32>, %y: tensor<3x1x1xf32>", "tensor<2x3x5x7xf32>",
      "%z = mpc.mul %x, %y : (tensor<2x3x5x7xf32>, tensor<3x1x1xf32>) -> "
      "tensor<2x3x5x7xf32>\nfunc.return %z : tensor<2x3x5x7xf32>"));
  ASSERT_TRUE(runner.ok());
  auto x = randomFloats(210), y = randomFloats(3);
  auto z = fromBytes<float>(runBothWays(runner, {toBytes(x), toBytes(y)})[0]);
  for (size_t i = 0; i < z.size(); ++i)
    ASSERT_EQ(z[i], x[i] * y[i / 35 % 3]) << i;
}

TEST(Elementwise, EveryOpRoundsToItsOwnType) {
  // 2048 + 1 is a tie in f16 and goes to 2048; without the rounding in between
  // the result would be 2050.
  ProgramRunner runner(forward(
      "%x: tensor<9xf32>, %y: tensor<9xf32>", "tensor<9xf32>",
      "%a = mpc.add %x, %y : (tensor<9xf32>, tensor<9xf32>) -> tensor<9xf16>\n"
      "%b = mpc.add %a, %y : (tensor<9xf16>, tensor<9xf32>) -> tensor<9xf32>\n"
      "func.return %b : tensor<9xf32>"));
  ASSERT_TRUE(runner.ok());
  std::vector<float> x(9, 2048), y(9, 1);
  auto z = fromBytes<float>(runBothWays(runner, {toBytes(x), toBytes(y)})[0]);
  EXPECT_EQ(z, std::vector<float>(9, 2049));
}

TEST(Elementwise, CastsOverflowToInfinityAndKeepNan) {
  float infinity = std::numeric_limits<float>::infinity();
  for (std::string type : {"f16", "bf16"}) {
    std::string tensor = "tensor<10x" + type + ">";
    ProgramRunner runner(
        forward("%x: tensor<10xf32>", "tensor<10xf32>",
                "%a = mpc.cast %x : tensor<10xf32> to " + tensor +
                    "\n%b = mpc.cast %a : " + tensor +
                    " to tensor<10xf32>\nfunc.return %b : tensor<10xf32>"));
    ASSERT_TRUE(runner.ok());
    std::vector<float> x(10, 1);
    x[0] = 3.4e38f;
    x[1] = -x[0];
    x[9] = NAN;
    auto z = fromBytes<float>(runBothWays(runner, {toBytes(x)})[0]);
    EXPECT_EQ(z[0], infinity) << type;
    EXPECT_EQ(z[1], -infinity) << type;
    EXPECT_EQ(z[2], 1) << type;
    EXPECT_TRUE(std::isnan(z[9])) << type;
  }
}

TEST(Elementwise, ReluKeepsNanAndHasNoNegativeZero) {
  ProgramRunner runner(
      forward("%x: tensor<9xf32>", "tensor<9xf32>",
              "%z = mpc.relu %x : (tensor<9xf32>) -> tensor<9xf32>\n"
              "func.return %z : tensor<9xf32>"));
  ASSERT_TRUE(runner.ok());
  std::vector<float> x = {-1, -0.0f, 0, 2, NAN, -INFINITY, INFINITY, 1, NAN};
  auto z = fromBytes<float>(runBothWays(runner, {toBytes(x)})[0]);
  EXPECT_FALSE(std::signbit(z[0]) || std::signbit(z[1]));
  EXPECT_EQ(z[3], 2);
  EXPECT_TRUE(std::isnan(z[4]) && std::isnan(z[8]));
  EXPECT_EQ(z[5], 0);
  EXPECT_EQ(z[6], INFINITY);
}

TEST(Image, HasNoUndefinedSymbolsAndOnlyReadableData) {
  // buildCpuImage refuses anything else, so a kernel that tempts the optimiser
  // into memset, memcpy and exp is the test.
  ProgramRunner runner(forward(
      "%x: tensor<70000xf32>, %y: tensor<64xi64>, %z: tensor<64x1000xf32>",
      "tensor<70000xf32>, tensor<70000xf32>, tensor<f32>",
      "%zero = mpc.constant dense<0.0> : tensor<70000xf32> : "
      "tensor<70000xf32>\n"
      "%a = mpc.broadcast %zero : (tensor<70000xf32>) -> tensor<70000xf32>\n"
      "%b = mpc.broadcast %x : (tensor<70000xf32>) -> tensor<70000xf32>\n"
      "%l = mpc.cross_entropy %z, %y {class_axis = 1 : i64, ignore_index = "
      "-100 : i64} : (tensor<64x1000xf32>, tensor<64xi64>) -> tensor<f32>\n"
      "func.return %a, %b, %l : tensor<70000xf32>, tensor<70000xf32>, "
      "tensor<f32>"));
  ASSERT_TRUE(runner.ok());
  EXPECT_GT(runner.image().codeBytes, 0);
  for (const auto &entry : runner.image().kernels)
    EXPECT_LT(entry.second.offset, runner.image().codeBytes);
}

// n additions in f32 err by at most n * 2^-24 of the sum of magnitudes.
static void expectSum(float actual, double expected, double magnitude,
                      size_t count) {
  EXPECT_NEAR(actual, expected, magnitude * double(count + 1) * 0x1p-24);
}

TEST(ReduceSum, RowsAndColumnsAndEverything) {
  struct Case {
    std::string axes, result;
    size_t outer, reduced, inner;
  };
  // 13 x 37 with the sums over axis 0, axis 1 and both.
  for (const Case &c : {Case{"0", "37", 1, 13, 37}, Case{"1", "13", 13, 37, 1},
                        Case{"0, 1", "", 1, 13 * 37, 1}}) {
    std::string type =
        "tensor<" + (c.result.empty() ? "" : c.result + "x") + "f32>";
    ProgramRunner runner(forward("%x: tensor<13x37xf32>", type,
                                 "%z = mpc.reduce_sum %x {axes = array<i64: " +
                                     c.axes + ">} : (tensor<13x37xf32>) -> " +
                                     type + "\nfunc.return %z : " + type));
    ASSERT_TRUE(runner.ok());
    auto x = randomFloats(13 * 37);
    auto z = fromBytes<float>(runBothWays(runner, {toBytes(x)})[0]);
    for (size_t o = 0; o < c.outer; ++o)
      for (size_t i = 0; i < c.inner; ++i) {
        double sum = 0, magnitude = 0;
        for (size_t r = 0; r < c.reduced; ++r) {
          double value = double(x[(o * c.reduced + r) * c.inner + i]);
          sum += value;
          magnitude += std::abs(value);
        }
        expectSum(z[o * c.inner + i], sum, magnitude, c.reduced);
      }
  }
}

TEST(ReduceSum, BatchAndSpaceOfImagesInF16) {
  ProgramRunner runner(
      forward("%x: tensor<3x5x6x7xf16>", "tensor<5xf32>",
              "%z = mpc.reduce_sum %x {axes = array<i64: 0, 2, 3>} : "
              "(tensor<3x5x6x7xf16>) -> tensor<5xf32>\n"
              "func.return %z : tensor<5xf32>"));
  ASSERT_TRUE(runner.ok());
  // 1 in f16, so the sums are exact.
  std::vector<uint16_t> x(3 * 5 * 6 * 7, 0x3c00);
  auto z = fromBytes<float>(runBothWays(runner, {toBytes(x)})[0]);
  EXPECT_EQ(z, std::vector<float>(5, 3 * 6 * 7));
}

TEST(GlobalNorm, SpansTensorsAndChunks) {
  ProgramRunner runner(forward(
      "%x: tensor<20001xf32>, %y: tensor<3x5xf32>", "tensor<f32>",
      "%z = mpc.global_norm %x, %y : (tensor<20001xf32>, tensor<3x5xf32>) -> "
      "tensor<f32>\nfunc.return %z : tensor<f32>"));
  ASSERT_TRUE(runner.ok());
  auto x = randomFloats(20001), y = randomFloats(15);
  auto z = fromBytes<float>(runBothWays(runner, {toBytes(x), toBytes(y)})[0]);
  double sum = 0;
  for (const auto &values : {x, y})
    for (float value : values)
      sum += double(value) * double(value);
  // A chunk of 8192 is summed in 8 lanes, the lanes and then the chunks in
  // order: fewer than 1100 roundings lie on the way of any term, and the root
  // halves the relative error.
  EXPECT_NEAR(z[0], std::sqrt(sum), std::sqrt(sum) * 1100 * 0x1p-24);
}

TEST(NonfiniteCount, CountsInfinityAndNanInEveryTensor) {
  ProgramRunner runner(forward(
      "%x: tensor<9000xf32>, %y: tensor<11xf16>", "tensor<i64>, tensor<i1>",
      "%n, %f = mpc.nonfinite_count %x, %y : (tensor<9000xf32>, "
      "tensor<11xf16>) -> (tensor<i64>, tensor<i1>)\n"
      "func.return %n, %f : tensor<i64>, tensor<i1>"));
  ASSERT_TRUE(runner.ok());
  std::vector<float> x(9000, 3e38f);
  std::vector<uint16_t> y(11, 0x7bff); // the largest f16
  auto clean = runBothWays(runner, {toBytes(x), toBytes(y)});
  EXPECT_EQ(fromBytes<int64_t>(clean[0])[0], 0);
  EXPECT_EQ(clean[1][0], std::byte(1));
  x[0] = INFINITY;
  x[8999] = NAN;
  y[10] = 0xfc00; // -infinity
  auto dirty = runBothWays(runner, {toBytes(x), toBytes(y)});
  EXPECT_EQ(fromBytes<int64_t>(dirty[0])[0], 3);
  EXPECT_EQ(dirty[1][0], std::byte(0));
}

TEST(Transpose, PermutesThreeDimensions) {
  ProgramRunner runner(
      forward("%x: tensor<4x5x9xf32>", "tensor<9x4x5xf32>",
              "%z = mpc.transpose %x {perm = array<i64: 2, 0, 1>} : "
              "(tensor<4x5x9xf32>) -> tensor<9x4x5xf32>\n"
              "func.return %z : tensor<9x4x5xf32>"));
  ASSERT_TRUE(runner.ok());
  auto x = randomFloats(180);
  auto z = fromBytes<float>(runBothWays(runner, {toBytes(x)})[0]);
  for (size_t a = 0; a < 9; ++a)
    for (size_t b = 0; b < 4; ++b)
      for (size_t c = 0; c < 5; ++c)
        ASSERT_EQ(z[(a * 4 + b) * 5 + c], x[(b * 5 + c) * 9 + a]);
}

// Loss and gradient for logits [outer, classes, inner].
static void checkCrossEntropy(size_t outer, size_t classes, size_t inner) {
  auto dims = [&](bool withClasses) {
    std::string text = std::to_string(outer) + "x";
    if (withClasses)
      text += std::to_string(classes) + "x";
    return "tensor<" + text + (inner > 1 ? std::to_string(inner) + "x" : "");
  };
  std::string logits = dims(true) + "f32>", labels = dims(false) + "i64>";
  std::string attributes =
      " {class_axis = 1 : i64, ignore_index = -100 : i64} : ";
  ProgramRunner runner(forward(
      "%s: tensor<f32>, %x: " + logits + ", %y: " + labels,
      "tensor<f32>, " + logits,
      "%l = mpc.cross_entropy %x, %y" + attributes + "(" + logits + ", " +
          labels + ") -> tensor<f32>\n%g = mpc.cross_entropy_grad %s, %x, %y" +
          attributes + "(tensor<f32>, " + logits + ", " + labels + ") -> " +
          logits + "\nfunc.return %l, %g : tensor<f32>, " + logits));
  ASSERT_TRUE(runner.ok());
  auto x = randomFloats(outer * classes * inner, 20);
  std::vector<int64_t> y(outer * inner);
  for (size_t i = 0; i < y.size(); ++i)
    y[i] = i % 3 == 1 ? -100 : int64_t(i * 31 % classes);
  std::vector<float> scale = {4};
  auto results = runBothWays(runner, {toBytes(scale), toBytes(x), toBytes(y)});
  auto gradient = fromBytes<float>(results[1]);

  double loss = 0, count = 0;
  for (int64_t label : y)
    count += label != -100;
  for (size_t o = 0; o < outer; ++o)
    for (size_t i = 0; i < inner; ++i) {
      auto at = [&](size_t c) { return (o * classes + c) * inner + i; };
      int64_t label = y[o * inner + i];
      double sum = 0;
      for (size_t c = 0; c < classes; ++c)
        sum += std::exp(double(x[at(c)]));
      if (label != -100)
        loss += std::log(sum) - double(x[at(size_t(label))]);
      for (size_t c = 0; c < classes; ++c) {
        double softmax = std::exp(double(x[at(c)])) / sum;
        double hit = int64_t(c) == label ? 1 : 0;
        double expected = label == -100 ? 0 : 4 * (softmax - hit) / count;
        // exp errs by 2 ulp plus the rounding of its argument, at most 40 *
        // 2^-24; the sum by classes * 2^-24, the rest by a few roundings.
        double bound = 4 / count * (90 + double(classes)) * 0x1p-24;
        ASSERT_NEAR(gradient[at(c)], expected, bound);
      }
    }
  // As above, relative to terms of at most 40.
  double bound = 40 * (90 + double(classes + y.size())) * 0x1p-24;
  EXPECT_NEAR(fromBytes<float>(results[0])[0], loss / count, bound);
}

TEST(CrossEntropy, MatchesTheFormulaWithLastAxis) {
  checkCrossEntropy(150, 10, 1);
  checkCrossEntropy(5, 1000, 1);
  checkCrossEntropy(2, 3, 1);
}
TEST(CrossEntropy, MatchesTheFormulaWhereOneKernelComputesBoth) {
  checkCrossEntropy(2048, 2053, 1);
}
TEST(CrossEntropy, MatchesTheFormulaWithInnerAxis) {
  checkCrossEntropy(3, 4, 35);
}

TEST(CrossEntropy, IsZeroIfNoLabelCounts) {
  ProgramRunner runner(forward(
      "%x: tensor<2x3xf32>, %y: tensor<2xi64>", "tensor<f32>",
      "%l = mpc.cross_entropy %x, %y {class_axis = 1 : i64, ignore_index = -1 "
      ": i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<f32>\n"
      "func.return %l : tensor<f32>"));
  ASSERT_TRUE(runner.ok());
  std::vector<int64_t> y = {-1, -1};
  auto z = runBothWays(runner, {toBytes(randomFloats(6)), toBytes(y)});
  EXPECT_EQ(fromBytes<float>(z[0])[0], 0);
}
