#include "test/lowering/KernelRunner.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mpc::test;

namespace {
struct Pool {
  int64_t n, c, h, w, kernel[2], strides[2];
  int64_t pads[4] = {0, 0, 0, 0};
  bool includePad = false;
  std::string type = "f32";

  int64_t oh() const {
    return (h + pads[0] + pads[2] - kernel[0]) / strides[0] + 1;
  }
  int64_t ow() const {
    return (w + pads[1] + pads[3] - kernel[1]) / strides[1] + 1;
  }
  std::string input() const { return shape(h, w); }
  std::string output() const { return shape(oh(), ow()); }
  size_t windows() const { return size_t(n * c * oh() * ow()); }

  /// Positions in the input of the elements of window `at`, row-major.
  std::vector<size_t> window(size_t at) const {
    int64_t x = int64_t(at) % ow(), y = int64_t(at) / ow() % oh();
    int64_t plane = int64_t(at) / (ow() * oh());
    std::vector<size_t> positions;
    for (int64_t i = 0; i < kernel[0]; ++i)
      for (int64_t j = 0; j < kernel[1]; ++j) {
        int64_t row = y * strides[0] - pads[0] + i;
        int64_t column = x * strides[1] - pads[1] + j;
        if (row >= 0 && row < h && column >= 0 && column < w)
          positions.push_back(size_t((plane * h + row) * w + column));
      }
    return positions;
  }
  /// What the mean of window `at` divides by.
  double count(size_t at) const {
    return includePad ? double(kernel[0] * kernel[1])
                      : double(window(at).size());
  }

  KernelRunner runner(const std::string &op,
                      const std::vector<std::string> &inputs,
                      const std::string &result) const {
    auto list = [](const int64_t *values, int count) {
      std::string text = "array<i64: ";
      for (int i = 0; i < count; ++i)
        text += (i ? ", " : "") + std::to_string(values[i]);
      return text + ">";
    };
    std::string operands, types;
    for (size_t i = 0; i < inputs.size(); ++i) {
      operands += (i ? ", %" : "%") + std::to_string(i);
      types += (i ? ", tensor<" : "tensor<") + inputs[i] + ">";
    }
    std::string flag = includePad ? ", count_include_pad" : "";
    return KernelRunner(
        op, inputs,
        "%r = " + op + " " + operands + " {kernel = " + list(kernel, 2) +
            ", strides = " + list(strides, 2) + ", pads = " + list(pads, 4) +
            ", dilations = array<i64: 1, 1>" + flag + "} : (" + types +
            ") -> tensor<" + result + ">\nmpc.yield %r : tensor<" + result +
            ">",
        {result});
  }

private:
  std::string shape(int64_t rows, int64_t columns) const {
    return std::to_string(n) + "x" + std::to_string(c) + "x" +
           std::to_string(rows) + "x" + std::to_string(columns) + "x" + type;
  }
};

const Pool halves{2, 3, 8, 10, {2, 2}, {2, 2}};
const Pool overlapping{2, 2, 9, 11, {3, 3}, {2, 1}, {1, 2, 1, 0}};
const Pool gaps{1, 2, 7, 7, {1, 2}, {3, 3}};
const Pool large{1, 2, 3, 70, {3, 40}, {1, 1}, {2, 7, 0, 39}};

// Sums of multiples of 1/8 below 2^10 are exact in f32 and, here, in f16.
Tensor eighths(const std::string &type, uint32_t seed) {
  Tensor tensor = randomTensor(type, seed);
  for (double &value : tensor.values)
    value = std::floor(value * 16) / 8;
  return tensor;
}

size_t firstLargest(const Tensor &input, const std::vector<size_t> &window) {
  size_t best = window[0];
  for (size_t at : window)
    if (!std::isnan(input.values[best]) &&
        (std::isnan(input.values[at]) || input.values[at] > input.values[best]))
      best = at;
  return best;
}

void expectMaxPool(const Pool &pool) {
  KernelRunner forward =
      pool.runner("mpc.max_pool", {pool.input()}, pool.output());
  KernelRunner backward = pool.runner(
      "mpc.max_pool_grad", {pool.output(), pool.input()}, pool.input());
  // Multiples of 1/8 in [-2, 2): many windows have equal largest elements.
  Tensor input = eighths(pool.input(), 1);
  Tensor gradient = eighths(pool.output(), 2);
  std::vector<double> largest, sums(input.values.size());
  for (size_t at = 0; at < pool.windows(); ++at) {
    size_t position = firstLargest(input, pool.window(at));
    largest.push_back(input.values[position]);
    sums[position] += gradient.values[at];
  }
  EXPECT_EQ(forward.run({input})[0].values, largest);
  EXPECT_EQ(forward.run({input}, true)[0].values, largest);
  EXPECT_EQ(backward.run({gradient, input})[0].values, sums);
  EXPECT_EQ(backward.run({gradient, input}, true)[0].values, sums);
}

// A mean of m elements: m - 1 additions and a division, then one rounding. Its
// gradient: a division per window and as many additions as windows, at most
// m, overlap.
void expectAveragePool(const Pool &pool) {
  KernelRunner forward =
      pool.runner("mpc.average_pool", {pool.input()}, pool.output());
  KernelRunner backward =
      pool.runner("mpc.average_pool_grad", {pool.output()}, pool.input());
  Tensor input = randomTensor(pool.input(), 1);
  Tensor gradient = randomTensor(pool.output(), 2);
  double gamma = gammaF32(pool.kernel[0] * pool.kernel[1] + 1);
  double u = unitRoundoff(pool.type == "f32" ? "1xf32" : "1x" + pool.type);
  std::vector<double> means = forward.run({input})[0].values;
  std::vector<double> sums(input.values.size()), magnitudes(sums);
  for (size_t at = 0; at < pool.windows(); ++at) {
    double mean = 0, magnitude = 0;
    for (size_t position : pool.window(at)) {
      mean += input.values[position] / pool.count(at);
      magnitude += std::abs(input.values[position]) / pool.count(at);
      sums[position] += gradient.values[at] / pool.count(at);
      magnitudes[position] += std::abs(gradient.values[at]) / pool.count(at);
    }
    EXPECT_NEAR(means[at], mean, (gamma + 2 * u) * magnitude + 0x1p-25);
  }
  std::vector<double> got = backward.run({gradient})[0].values;
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], sums[i], (gamma + 2 * u) * magnitudes[i] + 0x1p-25);
}
} // namespace

TEST(MaxPool, FirstLargestElementOfEachWindow) {
  for (Pool pool : {halves, overlapping, gaps, large})
    expectMaxPool(pool);
}

TEST(MaxPool, NarrowElements) {
  for (std::string type : {"f16", "bf16"}) {
    Pool pool = overlapping;
    pool.type = type;
    expectMaxPool(pool);
  }
}

TEST(MaxPool, NanWinsAndTakesTheGradient) {
  Pool pool{1, 1, 2, 4, {2, 2}, {2, 2}};
  KernelRunner forward =
      pool.runner("mpc.max_pool", {pool.input()}, pool.output());
  KernelRunner backward = pool.runner(
      "mpc.max_pool_grad", {pool.output(), pool.input()}, pool.input());
  Tensor input{pool.input(), {9, NAN, 3, 4, 8, NAN, 5, -INFINITY}};
  std::vector<double> largest = forward.run({input})[0].values;
  EXPECT_TRUE(std::isnan(largest[0]));
  EXPECT_EQ(largest[1], 5);
  EXPECT_EQ(backward.run({{pool.output(), {1, 2}}, input})[0].values,
            (std::vector<double>{0, 1, 0, 0, 0, 0, 2, 0}));
}

TEST(MaxPool, MinusInfinityEverywhereIsALargestElement) {
  Pool pool{1, 1, 2, 2, {2, 2}, {1, 1}, {1, 1, 0, 0}};
  KernelRunner forward =
      pool.runner("mpc.max_pool", {pool.input()}, pool.output());
  KernelRunner backward = pool.runner(
      "mpc.max_pool_grad", {pool.output(), pool.input()}, pool.input());
  Tensor input{pool.input(), std::vector<double>(4, -INFINITY)};
  EXPECT_EQ(forward.run({input})[0].values, std::vector<double>(4, -INFINITY));
  EXPECT_EQ(backward.run({{pool.output(), {1, 2, 4, 8}}, input})[0].values,
            (std::vector<double>{15, 0, 0, 0}));
}

TEST(MaxPool, PlanesTooLargeForTheStack) {
  expectMaxPool({1, 2, 300, 250, {2, 2}, {2, 2}});
}

TEST(AveragePool, WithAndWithoutPadding) {
  for (Pool pool : {halves, overlapping, gaps, large}) {
    expectAveragePool(pool);
    pool.includePad = true;
    expectAveragePool(pool);
  }
}

TEST(AveragePool, NarrowElements) {
  for (std::string type : {"f16", "bf16"}) {
    Pool pool = overlapping;
    pool.type = type;
    expectAveragePool(pool);
  }
}
