#include "compiler/lowering/emit/gpu/MmaTiles.h"
#include <gtest/gtest.h>
#include <set>

using namespace mpc;

static int64_t permuted(const MmaLayout &layout, int64_t offset) {
  return offset ^ (offset >> layout.shift() & layout.mask());
}

static std::vector<MmaLayout> layouts() {
  std::vector<MmaLayout> all;
  for (bool depthFirst : {false, true})
    for (int64_t width : {16, 32, 64, 128})
      for (int64_t depth : {32, 64})
        all.push_back({depthFirst, width, depth});
  return all;
}

TEST(MmaLayout, PermutesChunksInsideOfRows) {
  for (const MmaLayout &layout : layouts()) {
    std::set<int64_t> seen;
    for (int64_t offset = 0; offset < layout.chunks() * 16; offset += 16) {
      int64_t to = permuted(layout, offset);
      EXPECT_EQ(to / layout.rowBytes(), offset / layout.rowBytes());
      EXPECT_EQ(to % 16, 0);
      seen.insert(to);
    }
    EXPECT_EQ(int64_t(seen.size()), layout.chunks());
  }
}

// What one ldmatrix reads of a matrix, and what eight neighbouring threads
// write: all 32 banks of 4 bytes, each once.
TEST(MmaLayout, EightRowsOrChunksHaveAllBanks) {
  auto expectAll = [](const std::set<int64_t> &places) {
    EXPECT_EQ(places.size(), 8u);
  };
  for (const MmaLayout &layout : layouts()) {
    int64_t rows = layout.chunks() / layout.rowChunks();
    for (int64_t row = 0; row < rows; row += 8)
      for (int64_t chunk = 0; chunk < layout.rowChunks(); ++chunk) {
        std::set<int64_t> read;
        for (int64_t i = 0; i < 8; ++i)
          read.insert(
              permuted(layout, (row + i) * layout.rowBytes() + chunk * 16) /
              16 % 8);
        expectAll(read);
      }
    for (int64_t first = 0; first < layout.chunks(); first += 8) {
      std::set<int64_t> written;
      for (int64_t i = 0; i < 8; ++i)
        written.insert(permuted(layout, (first + i) * 16) / 16 % 8);
      expectAll(written);
    }
  }
}

TEST(MmaTiles, FitTheSmallestGpus) {
  for (int64_t m : {1, 27, 64, 200, 512, 4096})
    for (int64_t n : {1, 10, 64, 300, 1024})
      for (int64_t k : {1, 16, 64, 784, 100000})
        for (int64_t throughRegisters : {0, 1, 2}) {
          MmaTile tile = chooseMmaTile(1, m, n, k, throughRegisters);
          EXPECT_LE(tile.stages * tile.stageBytes(), 99 << 10);
          EXPECT_LE(tile.rows * (tile.columns + 8) * 4, 99 << 10);
          EXPECT_GE(tile.stages, 2);
          EXPECT_GE(tile.parts * tile.partDepth, k);
          EXPECT_LT((tile.parts - 1) * tile.partDepth, k);
          EXPECT_LE(tile.warpRows * tile.warpColumns,
                    throughRegisters ? 2048 : 4096);
        }
}

// Sums of a block are not more than the registers of its threads, whatever is
// small: a warp has all rows and columns.
TEST(MmaTiles, ManySmallProductsAreOfWarps) {
  for (int64_t n : {27, 64})
    for (int64_t k : {16, 27, 64, 200}) {
      MmaTile tile = chooseMmaTile(4096, 27, n, k, 1);
      EXPECT_EQ(tile.threads(), 32);
      EXPECT_GE(tile.rows, 27);
      EXPECT_GE(tile.columns, n);
      EXPECT_EQ(tile.stages, k > 64 ? 2 : 1);
      EXPECT_GE(tile.partDepth, k);
    }
  EXPECT_GT(chooseMmaTile(100, 27, 27, 64, 0).threads(), 32);
  EXPECT_GT(chooseMmaTile(4096, 128, 27, 64, 0).threads(), 32);
}

TEST(MmaTiles, SuitTheShape) {
  EXPECT_EQ(chooseMmaTile(1, 8192, 8192, 8192, 0).columns, 128);
  EXPECT_EQ(chooseMmaTile(1, 4096, 10, 1024, 0).columns, 32);
  EXPECT_EQ(chooseMmaTile(4096, 27, 27, 64, 0).rows, 32);
  EXPECT_GT(chooseMmaTile(1, 1024, 10, 4096, 2).parts, 1);
}
