#include "test/lowering/KernelRunner.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mpc::test;

namespace {
struct Shape {
  int64_t samples, channels, spatial;
  std::string text; ///< as in a type, without the element type

  std::string data(const std::string &element) const { return text + element; }
  std::string vector() const { return std::to_string(channels) + "xf32"; }
  double elements() const { return double(samples * spatial); }
  size_t channel(size_t element) const {
    return element / size_t(spatial) % size_t(channels);
  }
};

const Shape shapes[] = {{4, 3, 35, "4x3x5x7x"},
                        {2, 5, 256, "2x5x16x16x"},
                        {33, 6, 1, "33x6x"},
                        {3, 1, 9, "3x1x9x"}};

std::string types(const std::vector<std::string> &list) {
  std::string text;
  for (const std::string &type : list)
    text += (text.empty() ? "tensor<" : ", tensor<") + type + ">";
  return text;
}

/// Per-channel sums of f(element) over `x`.
template <typename F> std::vector<double> channelSums(const Shape &shape, F f) {
  std::vector<double> sums(size_t(shape.channels));
  size_t count = size_t(shape.samples * shape.channels * shape.spatial);
  for (size_t i = 0; i < count; ++i)
    sums[shape.channel(i)] += f(i);
  return sums;
}

Tensor positive(const std::string &type, uint32_t seed) {
  Tensor tensor = randomTensor(type, seed);
  for (double &value : tensor.values)
    value = std::abs(value) + 0.5;
  return makeTensor(type, tensor.values);
}
} // namespace

// mean' = mean + dm with |dm| <= gamma(n) mean|x|. The computed variance is
// that of exact deviations from mean', var + dm^2, within gamma(n + 4)
// relative, so invStd is off by half of that plus 3 roundings, relative.
// Second-order terms are covered by the factor 2.
TEST(BatchNormalization, TrainingFormAgainstExactStatistics) {
  for (const Shape &shape : shapes)
    for (std::string element : {"f32", "f16"}) {
      std::string x = shape.data(element), v = shape.vector();
      SCOPED_TRACE(x);
      std::vector<std::string> in = {x, v, v, v, v};
      KernelRunner runner(
          "mpc.batch_normalization", in,
          "%y, %nm, %nv, %m, %s = mpc.batch_normalization %0, %1, %2, %3, %4 "
          "{epsilon = 1.0e-3 : f32, momentum = 0.75 : f32} : (" +
              types(in) + ") -> (" + types({x, v, v, v, v}) +
              ")\nmpc.yield %y, %nm, %nv, %m, %s : " + types({x, v, v, v, v}),
          {x, v, v, v, v});
      Tensor data = randomTensor(x, 1), scale = randomTensor(v, 2),
             bias = randomTensor(v, 3), mean0 = randomTensor(v, 4),
             var0 = positive(v, 5);
      std::vector<Tensor> got = runner.run({data, scale, bias, mean0, var0});
      EXPECT_EQ(got[0].values,
                runner.run({data, scale, bias, mean0, var0}, true)[0].values);
      double n = shape.elements(), gamma = gammaF32(int64_t(n) + 8);
      double epsilon = double(1e-3f), u = unitRoundoff(x);
      auto sum = channelSums(shape, [&](size_t i) { return data.values[i]; });
      auto size = channelSums(
          shape, [&](size_t i) { return std::abs(data.values[i]); });
      auto squares = channelSums(shape, [&](size_t i) {
        double d = data.values[i] - sum[shape.channel(i)] / n;
        return d * d;
      });
      std::vector<double> dm, invStd, relative;
      for (size_t c = 0; c < sum.size(); ++c) {
        double mean = sum[c] / n, var = squares[c] / n;
        dm.push_back(2 * gamma * size[c] / n);
        double dv = 2 * gamma * var + dm[c] * dm[c];
        invStd.push_back(1 / std::sqrt(var + epsilon));
        relative.push_back(dv / (var + epsilon) + gammaF32(4));
        EXPECT_NEAR(got[3].values[c], mean, dm[c]);
        EXPECT_NEAR(got[4].values[c], invStd[c], relative[c] * invStd[c]);
        double nextMean = 0.75 * mean0.values[c] + 0.25 * mean;
        double nextVar = 0.75 * var0.values[c] + 0.25 * var;
        EXPECT_NEAR(got[1].values[c], nextMean,
                    dm[c] + gammaF32(3) * (std::abs(mean0.values[c]) + 1));
        EXPECT_NEAR(got[2].values[c], nextVar,
                    dv + gammaF32(3) * (var0.values[c] + var));
      }
      for (size_t i = 0; i < data.values.size(); ++i) {
        size_t c = shape.channel(i);
        double d = data.values[i] - sum[c] / n;
        double xhat = d * invStd[c];
        double y = xhat * scale.values[c] + bias.values[c];
        double bound = std::abs(scale.values[c]) *
                           (dm[c] * invStd[c] +
                            std::abs(xhat) * (relative[c] + gammaF32(6))) +
                       gammaF32(2) * std::abs(bias.values[c]);
        bound += u * (std::abs(y) + bound) + 0x1p-25;
        ASSERT_NEAR(got[0].values[i], y, bound) << i;
      }
    }
}

// invStd takes 3 roundings, y another 4 on a term that can cancel the bias.
TEST(BatchNormalization, EvaluationForm) {
  for (const Shape &shape : shapes) {
    std::string x = shape.data("f32"), v = shape.vector();
    std::vector<std::string> in = {x, v, v, v, v};
    KernelRunner runner(
        "mpc.batch_normalization_inference", in,
        "%y = mpc.batch_normalization_inference %0, %1, %2, %3, %4 "
        "{epsilon = 1.0e-3 : f32} : (" +
            types(in) + ") -> " + types({x}) + "\nmpc.yield %y : " + types({x}),
        {x});
    Tensor data = randomTensor(x, 1), scale = randomTensor(v, 2),
           bias = randomTensor(v, 3), mean = randomTensor(v, 4),
           var = positive(v, 5);
    std::vector<double> got =
        runner.run({data, scale, bias, mean, var})[0].values;
    for (size_t i = 0; i < got.size(); ++i) {
      size_t c = shape.channel(i);
      double term = (data.values[i] - mean.values[c]) /
                    std::sqrt(var.values[c] + double(1e-3f)) * scale.values[c];
      ASSERT_NEAR(got[i], term + bias.values[c],
                  gammaF32(8) * (std::abs(term) + std::abs(bias.values[c])));
    }
  }
}

// Every result is a sum of products with at most n + 12 roundings on each.
TEST(BatchNormalization, Gradient) {
  for (const Shape &shape : shapes)
    for (std::string element : {"f32", "f16"}) {
      std::string x = shape.data(element), v = shape.vector();
      SCOPED_TRACE(x);
      std::vector<std::string> in = {x, x, v, v, v};
      KernelRunner runner(
          "mpc.batch_normalization_grad", in,
          "%dx, %ds, %db = mpc.batch_normalization_grad %0, %1, %2, %3, %4 : "
          "(" +
              types(in) + ") -> (" + types({x, v, v}) +
              ")\nmpc.yield %dx, %ds, %db : " + types({x, v, v}),
          {x, v, v});
      Tensor dy = randomTensor(x, 1), data = randomTensor(x, 2),
             scale = randomTensor(v, 3), mean = randomTensor(v, 4),
             invStd = positive(v, 5);
      std::vector<Tensor> got = runner.run({dy, data, scale, mean, invStd});
      double n = shape.elements(), gamma = gammaF32(int64_t(n) + 12);
      auto xhat = [&](size_t i) {
        size_t c = shape.channel(i);
        return (data.values[i] - mean.values[c]) * invStd.values[c];
      };
      auto bias = channelSums(shape, [&](size_t i) { return dy.values[i]; });
      auto slope =
          channelSums(shape, [&](size_t i) { return dy.values[i] * xhat(i); });
      auto biasSize =
          channelSums(shape, [&](size_t i) { return std::abs(dy.values[i]); });
      auto slopeSize = channelSums(
          shape, [&](size_t i) { return std::abs(dy.values[i] * xhat(i)); });
      for (size_t c = 0; c < bias.size(); ++c) {
        EXPECT_NEAR(got[1].values[c], slope[c], gamma * slopeSize[c]);
        EXPECT_NEAR(got[2].values[c], bias[c], gamma * biasSize[c]);
      }
      double u = unitRoundoff(x);
      for (size_t i = 0; i < dy.values.size(); ++i) {
        size_t c = shape.channel(i);
        double factor = scale.values[c] * invStd.values[c];
        double dx =
            factor * (dy.values[i] - bias[c] / n - xhat(i) * slope[c] / n);
        double bound = gamma * std::abs(factor) *
                       (std::abs(dy.values[i]) + biasSize[c] / n +
                        std::abs(xhat(i)) * slopeSize[c] / n);
        bound += u * (std::abs(dx) + bound) + 0x1p-25;
        ASSERT_NEAR(got[0].values[i], dx, bound) << i;
      }
    }
}
