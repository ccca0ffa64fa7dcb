#include "test/lowering/KernelRunner.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mpc::test;

namespace {
struct Gemm {
  int64_t m, n, k;
  std::string a = "f32", b = "f32", result = "f32";
  bool transA = false, transB = false;
  std::string c = "";    ///< type of C, or none
  std::string text = ""; ///< further attributes
  double alpha = 1, beta = 1;
};

std::string matrix(int64_t rows, int64_t columns, const std::string &element) {
  return std::to_string(rows) + "x" + std::to_string(columns) + "x" + element;
}

std::vector<std::string> inputTypes(const Gemm &g) {
  std::vector<std::string> types = {
      g.transA ? matrix(g.k, g.m, g.a) : matrix(g.m, g.k, g.a),
      g.transB ? matrix(g.n, g.k, g.b) : matrix(g.k, g.n, g.b)};
  if (!g.c.empty())
    types.push_back(g.c);
  return types;
}

std::string gemmBody(const Gemm &g) {
  std::vector<std::string> types = inputTypes(g);
  std::string attributes = g.text, operands, signature;
  if (g.transA)
    attributes += (attributes.empty() ? "" : ", ") + std::string("trans_a");
  if (g.transB)
    attributes += (attributes.empty() ? "" : ", ") + std::string("trans_b");
  for (size_t i = 0; i < types.size(); ++i) {
    operands += (i ? ", %" : "%") + std::to_string(i);
    signature += (i ? ", tensor<" : "tensor<") + types[i] + ">";
  }
  std::string result = "tensor<" + matrix(g.m, g.n, g.result) + ">";
  return "%s = mpc.gemm " + operands + " {" + attributes + "} : (" + signature +
         ") -> " + result + "\nmpc.yield %s : " + result;
}

// C's element at (i, j): its dimensions, from the right, are [i, j] or 1.
double broadcastC(const Tensor &c, const Gemm &g, int64_t i, int64_t j) {
  if (c.values.size() == 1)
    return c.values[0];
  if (int64_t(c.values.size()) == g.m * g.n)
    return c.values[size_t(i * g.n + j)];
  bool column = c.type.find("x1x") != std::string::npos;
  return c.values[size_t(column ? i : j)];
}

// |result - exact| <= gamma(K + blocks + 3) * (|alpha| sum |a b| + |beta C|),
// three more roundings for alpha, beta and C, then one rounding to the result's
// type.
void expectGemm(const Gemm &g) {
  SCOPED_TRACE(gemmBody(g));
  KernelRunner runner("mpc.gemm", inputTypes(g), gemmBody(g),
                      {matrix(g.m, g.n, g.result)});
  std::vector<Tensor> in;
  for (const std::string &type : inputTypes(g))
    in.push_back(randomTensor(type, uint32_t(in.size() + 1)));
  std::vector<double> got = runner.run(in)[0].values;
  EXPECT_EQ(got, runner.run(in, true)[0].values) << "depends on tile order";
  double gamma = gammaF32(g.k + (g.k + 255) / 256 + 3);
  double u = g.result == "f32" ? 0 : unitRoundoff("1x" + g.result);
  for (int64_t i = 0; i < g.m; ++i)
    for (int64_t j = 0; j < g.n; ++j) {
      double sum = 0, magnitude = 0;
      for (int64_t k = 0; k < g.k; ++k) {
        double a = in[0].values[size_t(g.transA ? k * g.m + i : i * g.k + k)];
        double b = in[1].values[size_t(g.transB ? j * g.k + k : k * g.n + j)];
        sum += a * b;
        magnitude += std::abs(a * b);
      }
      double c = g.c.empty() ? 0 : g.beta * broadcastC(in[2], g, i, j);
      double exact = g.alpha * sum + c;
      double bound = gamma * (std::abs(g.alpha) * magnitude + std::abs(c));
      bound += u * (std::abs(exact) + bound) + 0x1p-25;
      ASSERT_NEAR(got[size_t(i * g.n + j)], exact, bound) << i << ", " << j;
    }
}
} // namespace

TEST(Gemm, AllTransposesAtRaggedSizes) {
  for (bool transA : {false, true})
    for (bool transB : {false, true}) {
      expectGemm(
          {.m = 7, .n = 19, .k = 13, .transA = transA, .transB = transB});
      expectGemm(
          {.m = 101, .n = 271, .k = 259, .transA = transA, .transB = transB});
    }
}

TEST(Gemm, SmallestAndThinShapes) {
  expectGemm({.m = 1, .n = 1, .k = 1});
  expectGemm({.m = 1, .n = 33, .k = 9, .transB = true});
  expectGemm({.m = 33, .n = 1, .k = 9, .transA = true});
  expectGemm({.m = 10, .n = 700, .k = 128, .transA = true});
  expectGemm({.m = 64, .n = 10, .k = 1025});
}

TEST(Gemm, MixedNarrowOperands) {
  for (std::string a : {"f16", "bf16"})
    for (std::string b : {"f16", "bf16", "f32"})
      for (std::string result : {"f16", "bf16", "f32"})
        expectGemm({.m = 14,
                    .n = 37,
                    .k = 70,
                    .a = a,
                    .b = b,
                    .result = result,
                    .transA = b == "f16",
                    .transB = result == "f16"});
}

TEST(Gemm, EveryShapeOfC) {
  for (std::string c :
       {"37xf32", "1x37xf16", "14x1xf32", "14x37xbf16", "1xf32", "1x1xf32"})
    expectGemm({.m = 14, .n = 37, .k = 20, .c = c});
}

TEST(Gemm, AlphaAndBeta) {
  expectGemm({.m = 14,
              .n = 37,
              .k = 20,
              .c = "37xf32",
              .text = "alpha = 0.5 : f32, beta = -3.0 : f32",
              .alpha = 0.5,
              .beta = -3});
  expectGemm(
      {.m = 14, .n = 37, .k = 20, .text = "alpha = 3.0 : f32", .alpha = 3});
}

// The columns that fill a register tile up repeat the last one, so an infinity
// there must not reach any other column.
TEST(Gemm, InfinityStaysInItsColumn) {
  Gemm g{.m = 7, .n = 17, .k = 9};
  KernelRunner runner("mpc.gemm", inputTypes(g), gemmBody(g), {"7x17xf32"});
  Tensor a = randomTensor("7x9xf32", 1), b = randomTensor("9x17xf32", 2);
  b.values[16] = INFINITY;
  std::vector<double> got = runner.run({a, b})[0].values;
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_EQ(std::isfinite(got[i]), i % 17 != 16) << i;
}

// Prologue and epilogue round where the unfused ops would: bias and relu of a
// product that was rounded to f16 first.
TEST(Gemm, EpilogueRoundsTheProductFirst) {
  KernelRunner fused(
      "mpc.gemm", {"9x40xf32", "40x21xf16", "21xf32"},
      "%h = mpc.cast %0 : tensor<9x40xf32> to tensor<9x40xf16>\n"
      "%s = mpc.gemm %h, %1 : (tensor<9x40xf16>, tensor<40x21xf16>) -> "
      "tensor<9x21xf16>\n"
      "%t = mpc.add %s, %2 : (tensor<9x21xf16>, tensor<21xf32>) -> "
      "tensor<9x21xf16>\n"
      "%r = mpc.relu %t : (tensor<9x21xf16>) -> tensor<9x21xf16>\n"
      "mpc.yield %r, %s : tensor<9x21xf16>, tensor<9x21xf16>",
      {"9x21xf16", "9x21xf16"});
  Gemm g{.m = 9, .n = 21, .k = 40, .a = "f16", .b = "f16", .result = "f16"};
  KernelRunner alone("mpc.gemm", inputTypes(g), gemmBody(g), {"9x21xf16"});
  Tensor x = randomTensor("9x40xf32", 1), w = randomTensor("40x21xf16", 2),
         bias = randomTensor("21xf32", 3);
  std::vector<double> product =
      alone.run({makeTensor("9x40xf16", x.values), w})[0].values;
  std::vector<Tensor> got = fused.run({x, w, bias});
  EXPECT_EQ(got[1].values, product);
  for (size_t i = 0; i < product.size(); ++i)
    product[i] =
        std::max(0.0, double(float(product[i]) + float(bias.values[i % 21])));
  EXPECT_EQ(got[0].values, makeTensor("9x21xf16", product).values);
}
