#include "test/lowering/KernelRunner.h"
#include <cmath>
#include <functional>
#include <gtest/gtest.h>

using namespace mpc::test;

namespace {
struct Conv {
  int64_t n, c, h, w, f, kh, kw;
  int64_t strides[2] = {1, 1};
  int64_t pads[4] = {0, 0, 0, 0};
  int64_t dilations[2] = {1, 1};
  std::string type = "f32"; ///< of data and weights; the bias is f32

  int64_t oh() const {
    return (h + pads[0] + pads[2] - (kh - 1) * dilations[0] - 1) / strides[0] +
           1;
  }
  int64_t ow() const {
    return (w + pads[1] + pads[3] - (kw - 1) * dilations[1] - 1) / strides[1] +
           1;
  }
  std::string input() const { return shape(n, c, h, w); }
  std::string weight() const { return shape(f, c, kh, kw); }
  std::string output() const { return shape(n, f, oh(), ow()); }

  std::string attributes() const {
    auto list = [](const int64_t *values, int count) {
      std::string text = "array<i64: ";
      for (int i = 0; i < count; ++i)
        text += (i ? ", " : "") + std::to_string(values[i]);
      return text + ">";
    };
    return "{strides = " + list(strides, 2) + ", pads = " + list(pads, 4) +
           ", dilations = " + list(dilations, 2) + "}";
  }

  /// Calls body(index in output, input and weight) for every product of the
  /// convolution.
  void forProducts(const std::function<void(size_t out, size_t in,
                                            size_t weight)> &body) const {
    for (int64_t at = 0; at < n * f * oh() * ow(); ++at)
      for (int64_t tap = 0; tap < c * kh * kw; ++tap) {
        int64_t x = at % ow(), y = at / ow() % oh();
        int64_t filter = at / (ow() * oh()) % f, image = at / (ow() * oh() * f);
        int64_t kx = tap % kw, ky = tap / kw % kh, channel = tap / (kw * kh);
        int64_t row = y * strides[0] + ky * dilations[0] - pads[0];
        int64_t column = x * strides[1] + kx * dilations[1] - pads[1];
        if (row < 0 || row >= h || column < 0 || column >= w)
          continue;
        body(size_t(at), size_t(((image * c + channel) * h + row) * w + column),
             size_t(filter * c * kh * kw + tap));
      }
  }

private:
  std::string shape(int64_t a, int64_t b, int64_t c, int64_t d) const {
    return std::to_string(a) + "x" + std::to_string(b) + "x" +
           std::to_string(c) + "x" + std::to_string(d) + "x" + type;
  }
};

std::string body(const std::string &op, const std::vector<std::string> &inputs,
                 const std::string &attributes, const std::string &result) {
  std::string operands, types;
  for (size_t i = 0; i < inputs.size(); ++i) {
    operands += (i ? ", %" : "%") + std::to_string(i);
    types += (i ? ", tensor<" : "tensor<") + inputs[i] + ">";
  }
  return "%r = " + op + " " + operands + " " + attributes + " : (" + types +
         ") -> tensor<" + result + ">\nmpc.yield %r : tensor<" + result + ">";
}

// Each result is a sum of `terms` products in some order of at most 2 * terms
// additions (blocks and parts included) and one for the bias: the error is at
// most gamma(2 * terms + 1) times the sum of magnitudes, then one rounding.
void expectSums(
    const std::string &op, const std::vector<std::string> &inputs,
    const std::string &attributes, const std::string &result,
    const std::function<void(
        const std::vector<Tensor> &, std::vector<double> &sum,
        std::vector<double> &magnitude, std::vector<int64_t> &terms)> &naive) {
  std::string text = body(op, inputs, attributes, result);
  SCOPED_TRACE(text);
  KernelRunner runner(op, inputs, text, {result});
  std::vector<Tensor> in;
  for (const std::string &type : inputs)
    in.push_back(randomTensor(type, uint32_t(in.size() + 1)));
  std::vector<double> got = runner.run(in)[0].values;
  EXPECT_EQ(got, runner.run(in, true)[0].values) << "depends on tile order";
  std::vector<double> sum(got.size()), magnitude(got.size());
  std::vector<int64_t> terms(got.size());
  naive(in, sum, magnitude, terms);
  double u = unitRoundoff(result);
  for (size_t i = 0; i < got.size(); ++i) {
    double bound = gammaF32(2 * terms[i] + 1) * magnitude[i];
    bound += u * (std::abs(sum[i]) + bound) + 0x1p-25;
    ASSERT_NEAR(got[i], sum[i], bound) << "element " << i;
  }
}

void expectConv(const Conv &conv, bool bias) {
  std::vector<std::string> inputs = {conv.input(), conv.weight()};
  if (bias)
    inputs.push_back(std::to_string(conv.f) + "xf32");
  expectSums("mpc.conv", inputs, conv.attributes(), conv.output(),
             [&](auto &in, auto &sum, auto &magnitude, auto &terms) {
               auto add = [&](size_t at, double term) {
                 sum[at] += term;
                 magnitude[at] += std::abs(term);
                 ++terms[at];
               };
               conv.forProducts([&](size_t out, size_t x, size_t w) {
                 add(out, in[0].values[x] * in[1].values[w]);
               });
               size_t plane = size_t(conv.oh() * conv.ow());
               for (size_t i = 0; bias && i < sum.size(); ++i)
                 add(i, in[2].values[i / plane % size_t(conv.f)]);
             });
}

void expectInputGrad(const Conv &conv) {
  expectSums("mpc.conv_input_grad", {conv.output(), conv.weight()},
             conv.attributes(), conv.input(),
             [&](auto &in, auto &sum, auto &magnitude, auto &terms) {
               conv.forProducts([&](size_t out, size_t x, size_t w) {
                 double term = in[0].values[out] * in[1].values[w];
                 sum[x] += term;
                 magnitude[x] += std::abs(term);
                 ++terms[x];
               });
             });
}

void expectWeightGrad(const Conv &conv) {
  expectSums("mpc.conv_weight_grad", {conv.output(), conv.input()},
             conv.attributes(), conv.weight(),
             [&](auto &in, auto &sum, auto &magnitude, auto &terms) {
               conv.forProducts([&](size_t out, size_t x, size_t w) {
                 double term = in[0].values[out] * in[1].values[x];
                 sum[w] += term;
                 magnitude[w] += std::abs(term);
                 ++terms[w];
               });
             });
}

void expectAll(const Conv &conv) {
  expectConv(conv, true);
  expectInputGrad(conv);
  expectWeightGrad(conv);
}
} // namespace

TEST(Conv, SmallImagesShareATile) {
  expectAll({.n = 32,
             .c = 1,
             .h = 8,
             .w = 8,
             .f = 8,
             .kh = 3,
             .kw = 3,
             .pads = {1, 1, 1, 1}});
}

TEST(Conv, ColourImagesInBands) {
  expectAll({.n = 2,
             .c = 3,
             .h = 32,
             .w = 32,
             .f = 32,
             .kh = 3,
             .kw = 3,
             .pads = {1, 1, 1, 1}});
}

TEST(Conv, NoBias) {
  expectConv({.n = 1, .c = 2, .h = 5, .w = 5, .f = 3, .kh = 2, .kw = 2}, false);
}

TEST(Conv, StridesAndUnequalPads) {
  expectAll({.n = 3,
             .c = 2,
             .h = 7,
             .w = 10,
             .f = 5,
             .kh = 3,
             .kw = 2,
             .strides = {2, 3},
             .pads = {0, 1, 2, 1}});
}

TEST(Conv, StrideBeyondTheKernelSkipsInput) {
  expectAll({.n = 2,
             .c = 2,
             .h = 11,
             .w = 11,
             .f = 3,
             .kh = 2,
             .kw = 1,
             .strides = {3, 4}});
}

TEST(Conv, Dilations) {
  expectAll({.n = 2,
             .c = 2,
             .h = 12,
             .w = 9,
             .f = 4,
             .kh = 3,
             .kw = 3,
             .pads = {2, 1, 2, 1},
             .dilations = {2, 3}});
}

TEST(Conv, PadsBeyondTheKernel) {
  expectAll({.n = 2,
             .c = 3,
             .h = 4,
             .w = 4,
             .f = 7,
             .kh = 1,
             .kw = 1,
             .pads = {1, 2, 1, 0}});
}

TEST(Conv, RaggedBandsAndOddRows) {
  expectAll({.n = 1,
             .c = 2,
             .h = 40,
             .w = 37,
             .f = 3,
             .kh = 3,
             .kw = 3,
             .pads = {1, 1, 1, 1}});
}

TEST(Conv, RowsLongerThanATile) {
  expectAll({.n = 1,
             .c = 1,
             .h = 2,
             .w = 600,
             .f = 2,
             .kh = 1,
             .kw = 5,
             .pads = {0, 2, 0, 2}});
}

TEST(Conv, MoreChannelsAndFiltersThanABlock) {
  expectAll({.n = 3,
             .c = 70,
             .h = 4,
             .w = 4,
             .f = 101,
             .kh = 3,
             .kw = 3,
             .pads = {1, 1, 1, 1}});
}

TEST(Conv, NarrowOperands) {
  for (std::string type : {"f16", "bf16"})
    expectAll({.n = 4,
               .c = 3,
               .h = 8,
               .w = 8,
               .f = 6,
               .kh = 3,
               .kw = 3,
               .pads = {1, 1, 1, 1},
               .type = type});
}
