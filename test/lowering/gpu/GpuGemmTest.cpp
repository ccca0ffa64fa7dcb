// Matrix products of the GPU against those of the CPU.
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "test/lowering/gpu/GpuGemms.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mpc;
using namespace mpc::test;

namespace {
std::vector<Tensor> randomInputs(const KernelSource &kernel) {
  std::vector<Tensor> inputs;
  for (const std::string &type : kernel.inputs)
    inputs.push_back(randomTensor(type, uint32_t(inputs.size() + 1)));
  return inputs;
}

// The CPU's results and the emulated GPU's are the same bits.
void expectSame(const GpuEmitter &emitter, Target target,
                const KernelSource &kernel, const std::vector<Tensor> &inputs) {
  SCOPED_TRACE(kernel.body);
  GpuRunner gpu(emitter, target, kernel);
  ASSERT_TRUE(gpu.suits());
  KernelRunner cpu(kernel.root, kernel.inputs, kernel.body, kernel.results);
  std::vector<Tensor> expected = cpu.run(inputs), got = gpu.run(inputs);
  ASSERT_EQ(got.size(), expected.size()) << "threads wait for ever";
  for (size_t i = 0; i < got.size(); ++i)
    for (size_t j = 0; j < got[i].values.size(); ++j)
      ASSERT_EQ(got[i].values[j], expected[i].values[j])
          << "element " << j << " of result " << i;
}

void expectSimt(const Gemm &g) {
  KernelSource kernel = gemm(g);
  expectSame(simtGemmEmitter, {}, kernel, randomInputs(kernel));
}
} // namespace

TEST(SimtGemm, AllTransposesAtRaggedSizes) {
  for (bool transA : {false, true})
    for (bool transB : {false, true}) {
      expectSimt(
          {.m = 7, .n = 19, .k = 13, .transA = transA, .transB = transB});
      expectSimt(
          {.m = 36, .n = 68, .k = 300, .transA = transA, .transB = transB});
      expectSimt(
          {.m = 530, .n = 1030, .k = 18, .transA = transA, .transB = transB});
    }
}

TEST(SimtGemm, LargeTiles) {
  Gemm g{.m = 1412, .n = 1408, .k = 20};
  ASSERT_EQ(chooseSimtTile(1, g.m, g.n, g.k, 256).rows, 128);
  expectSimt(g);
}

TEST(SimtGemm, MoreThanOneBlockOfDepthsWithoutParts) {
  Gemm g{.m = 530, .n = 530, .k = 280, .transB = true};
  ASSERT_EQ(chooseSimtTile(1, g.m, g.n, g.k, 256).parts, 1);
  expectSimt(g);
}

TEST(SimtGemm, DepthInPartsAddsInOrder) {
  Gemm g{.m = 10, .n = 12, .k = 1030, .c = "12xf32"};
  ASSERT_EQ(chooseSimtTile(1, g.m, g.n, g.k, 256).parts, 5);
  expectSimt(g);
  g.n = 13;
  g.c = "";
  g.transA = true;
  expectSimt(g);
}

TEST(SimtGemm, MixedNarrowOperands) {
  for (std::string a : {"f16", "bf16", "f32"})
    for (std::string result : {"f16", "bf16", "f32"})
      expectSimt(
          {.m = 14, .n = 40, .k = 70, .a = a, .b = "f16", .result = result});
}

TEST(SimtGemm, EveryShapeOfCAndScales) {
  for (std::string c :
       {"40xf32", "1x40xf16", "14x1xf32", "14x40xbf16", "1xf32", "1x1xf32"})
    expectSimt({.m = 14,
                .n = 40,
                .k = 20,
                .c = c,
                .text = "alpha = 0.5 : f32, beta = -3.0 : f32"});
}

TEST(SimtGemm, PrologueAndEpilogue) {
  KernelSource kernel = fusedGemm(33, 24, 40);
  expectSame(simtGemmEmitter, {}, kernel, randomInputs(kernel));
  kernel = fusedGemm(9, 21, 600);
  expectSame(simtGemmEmitter, {}, kernel, randomInputs(kernel));
}

TEST(SimtGemm, Batches) {
  for (const char *flags : {"", "trans_a", "trans_b", "trans_a, trans_b"}) {
    KernelSource kernel = batchMatmul(3, 17, 20, 33, "f32", flags);
    expectSame(simtBatchMatmulEmitter, {}, kernel, randomInputs(kernel));
    kernel = batchMatmul(2, 4, 5, 700, "bf16", flags);
    expectSame(simtBatchMatmulEmitter, {}, kernel, randomInputs(kernel));
  }
}
