// Matrix products of the GPU against those of the CPU.
#include "compiler/lowering/emit/gpu/GpuEmitters.h"
#include "compiler/lowering/emit/gpu/MmaTiles.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "compiler/lowering/emit/gpu/WgmmaTiles.h"
#include "test/lowering/gpu/CompareTargets.h"
#include "test/lowering/gpu/GpuGemms.h"
#include <gtest/gtest.h>
#include <regex>

using namespace mpc;
using namespace mpc::test;

namespace {
void expectSimt(const Gemm &g) {
  KernelSource kernel = gemm(g);
  expectSame(simtGemmEmitter, {}, kernel, randomInputs(kernel));
}

void expectWgmma(const Gemm &g) {
  KernelSource kernel = gemm(g);
  expectSame(wgmmaGemmEmitter, {Target::Kind::Sm90a}, kernel,
             wholeInputs(kernel));
}

void expectMma(const Gemm &g) {
  KernelSource kernel = gemm(g);
  expectSame(mmaGemmEmitter, {Target::Kind::Sm80}, kernel, wholeInputs(kernel));
}

Gemm narrowGemm(int64_t m, int64_t n, int64_t k, const std::string &type) {
  return {.m = m, .n = n, .k = k, .a = type, .b = type};
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
  KernelSource kernel = fusedGemm(33, 24, 40, "f32");
  expectSame(simtGemmEmitter, {}, kernel, randomInputs(kernel));
  kernel = fusedGemm(9, 21, 600, "f32");
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

TEST(WgmmaGemm, AllTransposesAtRaggedSizes) {
  for (bool transA : {false, true})
    for (bool transB : {false, true})
      for (std::string type : {"f16", "bf16"})
        expectWgmma({.m = 72,
                     .n = 88,
                     .k = 104,
                     .a = type,
                     .b = type,
                     .transA = transA,
                     .transB = transB});
}

// Two warpgroups multiply, and both operands come in several boxes.
TEST(WgmmaGemm, LargeTiles) {
  Gemm g{.m = 2040, .n = 2040, .k = 72, .a = "f16", .b = "f16", .transA = true};
  WgmmaTile tile = chooseWgmmaTile(1, g.m, g.n, g.k);
  ASSERT_EQ(tile.rows, 128);
  ASSERT_EQ(tile.columns, 256);
  expectWgmma(g);
  g.transA = false;
  g.transB = true;
  expectWgmma(g);
}

// Neighbouring blocks fetch each other's columns; the last has no rows.
TEST(WgmmaGemm, BlocksShareColumns) {
  Gemm g{.m = 1400, .n = 1400, .k = 72, .a = "f16", .b = "f16"};
  ASSERT_EQ(chooseWgmmaTile(1, g.m, g.n, g.k).sharing, 2);
  expectWgmma(g);
  g.transA = g.transB = true;
  expectWgmma(g);
}

// Some blocks have two tiles, the last rows of tiles are fewer than eight.
TEST(WgmmaGemm, MoreTilesThanBlocks) {
  Gemm g{.m = 19192, .n = 56, .k = 64, .a = "f16", .b = "f16"};
  ASSERT_EQ(chooseWgmmaTile(1, g.m, g.n, g.k).rows, 64);
  expectWgmma(g);
  g.result = "f16";
  g.transB = true;
  expectWgmma(g);
}

TEST(WgmmaGemm, DepthInParts) {
  Gemm g{.m = 72, .n = 64, .k = 4104, .a = "bf16", .b = "bf16", .c = "64xf32"};
  ASSERT_GT(chooseWgmmaTile(1, g.m, g.n, g.k).parts, 1);
  expectWgmma(g);
}

// What each of the mlp's products becomes: one wave of blocks.
TEST(WgmmaTiles, FillTheMachineOnce) {
  struct Case {
    int64_t m, n, k;
  };
  for (Case c : {Case{512, 1024, 784}, Case{512, 1024, 1024},
                 Case{784, 1024, 512}, Case{1024, 1024, 512}}) {
    WgmmaTile tile = chooseWgmmaTile(1, c.m, c.n, c.k);
    int64_t blocks = ((c.m + tile.rows - 1) / tile.rows) *
                     ((c.n + tile.columns - 1) / tile.columns) * tile.parts;
    EXPECT_LE(blocks, 132);
    EXPECT_GE(blocks, 96);
  }
  EXPECT_EQ(chooseWgmmaTile(1, 8192, 8192, 8192).columns, 256);
  EXPECT_EQ(chooseWgmmaTile(1, 64, 64, 64).parts, 1);
}

TEST(WgmmaGemm, RoundsTheRing) {
  expectWgmma({.m = 64, .n = 64, .k = 1024, .a = "f16", .b = "f16"});
}

// Rows of C are added before results are rounded and turned around, matrices
// afterwards.
TEST(WgmmaGemm, EveryShapeOfCAndScales) {
  for (int64_t n : {40, 43})
    for (std::string c : {"Nxf32", "1xNxf16", "72x1xf32", "72xNxbf16", "1xf32"})
      for (const char *scales : {"alpha = 0.5 : f32, beta = -3.0 : f32", ""}) {
        Gemm g = narrowGemm(72, n, 24, "f16");
        g.transB = true;
        g.result = "f16";
        g.c = std::regex_replace(c, std::regex("N"), std::to_string(n));
        g.text = scales;
        expectWgmma(g);
      }
}

// Whatever tile a table may ask for, at ragged sizes.
TEST(WgmmaGemm, EveryTile) {
  constexpr int64_t k = 136, stages = 2;
  for (int64_t rows : {64, 128, 192})
    for (int64_t columns : {64, 128, 192, 256})
      for (auto [sharing, parts] : {std::pair(1, 1), {2, 1}, {1, 2}, {1, 3}}) {
        Gemm g = narrowGemm(rows + 8, columns - 8, k, "f16");
        g.result = "f16";
        g.tile = {rows, columns, stages, sharing, parts};
        WgmmaTile tile{rows, columns, stages, sharing, parts};
        if (tile.fault(k))
          continue;
        expectWgmma(g);
      }
}

// More tiles than blocks: results of one are written beside the products of the
// next, in one step or in several.
TEST(WgmmaGemm, KeepsResults) {
  for (int64_t k : {16, 264}) {
    Gemm g = narrowGemm(34000, 64, k, "f16");
    g.result = "f16";
    g.c = "64xf16";
    WgmmaTile tile = chooseWgmmaTile(1, g.m, g.n, g.k);
    ASSERT_TRUE(tile.keeping().has_value());
    ASSERT_GT(llvm::divideCeil(g.m, tile.rows), 2 * 132);
    expectWgmma(g);
  }
}

// Twelve vectors a lane after two steps of the next tile.
TEST(WgmmaGemm, KeepsResultsOf192Columns) {
  Gemm g = narrowGemm(64 * 266, 192, 136, "f16");
  g.result = "f16";
  g.tile = {64, 192, 2, 1, 1};
  expectWgmma(g);
}

TEST(WgmmaGemm, PrologueDoesNotSuitAndEpilogueDoes) {
  GpuRunner cast(wgmmaGemmEmitter, {Target::Kind::Sm90a},
                 fusedGemm(64, 64, 64, "f32"));
  EXPECT_FALSE(cast.suits());
  KernelSource kernel = fusedGemm(80, 72, 136, "f16");
  expectSame(wgmmaGemmEmitter, {Target::Kind::Sm90a}, kernel,
             wholeInputs(kernel));
}

TEST(WgmmaGemm, Batches) {
  for (const char *flags : {"", "trans_a", "trans_b", "trans_a, trans_b"}) {
    KernelSource kernel = batchMatmul(3, 72, 80, 72, "f16", flags);
    expectSame(wgmmaBatchMatmulEmitter, {Target::Kind::Sm90a}, kernel,
               wholeInputs(kernel));
  }
}

// Rows of whole chunks are copied; of the others some come in pairs, some one
// by one.
TEST(MmaGemm, AllTransposesAtRaggedSizes) {
  for (bool transA : {false, true})
    for (bool transB : {false, true})
      for (std::string type : {"f16", "bf16"})
        for (int64_t k : {104, 45}) {
          Gemm g = narrowGemm(72, 88, k, type);
          g.transA = transA;
          g.transB = transB;
          expectMma(g);
          g.m = 30;
          g.n = 10;
          expectMma(g);
        }
}

TEST(MmaGemm, LargeTiles) {
  for (bool transA : {false, true})
    for (bool transB : {false, true}) {
      Gemm g = narrowGemm(2040, 1736, 40, "f16");
      g.transA = transA;
      g.transB = transB;
      MmaTile tile = chooseMmaTile(1, g.m, g.n, g.k, 0);
      ASSERT_EQ(tile.rows, 128);
      ASSERT_EQ(tile.columns, 128);
      expectMma(g);
    }
}

// One operand is copied and the other comes through registers.
TEST(MmaGemm, LargeTilesThroughRegisters) {
  for (bool transA : {false, true}) {
    Gemm g = narrowGemm(2040, 1733, 40, "bf16");
    g.transA = transA;
    MmaTile tile = chooseMmaTile(1, g.m, g.n, g.k, 1);
    ASSERT_EQ(tile.rows, 128);
    ASSERT_EQ(tile.threads(), 256);
    expectMma(g);
  }
}

TEST(MmaGemm, DepthInParts) {
  Gemm g = narrowGemm(72, 64, 4104, "bf16");
  g.c = "64xf32";
  ASSERT_GT(chooseMmaTile(1, g.m, g.n, g.k, 0).parts, 1);
  expectMma(g);
  g = narrowGemm(84, 10, 2051, "f16");
  g.transA = true;
  ASSERT_GT(chooseMmaTile(1, g.m, g.n, g.k, 2).parts, 1);
  expectMma(g);
}

TEST(MmaGemm, RoundsTheRing) { expectMma(narrowGemm(512, 512, 1032, "f16")); }

TEST(MmaGemm, OneStep) { expectMma(narrowGemm(24, 40, 16, "f16")); }

TEST(MmaGemm, EveryShapeOfCAndScales) {
  for (std::string c :
       {"40xf32", "1x40xf16", "14x1xf32", "14x40xbf16", "1xf32", "1x1xf32"}) {
    Gemm g = narrowGemm(14, 40, 24, "f16");
    g.result = "f16";
    g.c = c;
    g.text = "alpha = 0.5 : f32, beta = -3.0 : f32";
    expectMma(g);
  }
}

TEST(MmaGemm, PrologueAndEpilogue) {
  for (const char *left : {"f16", "f32"})
    for (int64_t n : {72, 21})
      for (int64_t k : {136, 601}) {
        KernelSource kernel = fusedGemm(80, n, k, left);
        expectSame(mmaGemmEmitter, {Target::Kind::Sm90a}, kernel,
                   wholeInputs(kernel));
      }
}

TEST(MmaGemm, Batches) {
  for (const char *flags : {"", "trans_a", "trans_b", "trans_a, trans_b"})
    for (int64_t k : {72, 33}) {
      KernelSource kernel = batchMatmul(3, 27, 24, k, "f16", flags);
      expectSame(mmaBatchMatmulEmitter, {Target::Kind::Ptx}, kernel,
                 wholeInputs(kernel));
    }
}

// A warp each, of one step or of several, whose operands are copied or not.
TEST(MmaGemm, ManySmallBatches) {
  for (const char *flags : {"", "trans_a", "trans_b", "trans_a, trans_b"})
    for (int64_t k : {16, 27, 64, 100}) {
      KernelSource kernel =
          batchMatmul(530, 27, k == 27 ? 64 : 27, k, "f16", flags);
      EXPECT_FALSE(
          GpuRunner(wgmmaBatchMatmulEmitter, {Target::Kind::Sm90a}, kernel)
              .suits());
      expectSame(mmaBatchMatmulEmitter, {Target::Kind::Ptx}, kernel,
                 wholeInputs(kernel));
    }
}

TEST(MmaGemm, LeavesF32ToOthers) {
  for (auto [a, b] : {std::pair("f32", "f32"), std::pair("f16", "f32"),
                      std::pair("f16", "bf16")}) {
    GpuRunner gpu(mmaGemmEmitter, {Target::Kind::Sm80},
                  gemm({.m = 8, .n = 8, .k = 8, .a = a, .b = b}));
    EXPECT_FALSE(gpu.suits());
  }
}
