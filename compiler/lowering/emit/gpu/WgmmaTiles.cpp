#include "compiler/lowering/emit/gpu/WgmmaTiles.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <map>

using namespace mpc;

namespace {
struct Shape {
  int64_t batches, m, n, k;

  bool operator==(const Shape &) const = default;
};
struct Measured {
  Shape shape;
  WgmmaTile tile;
};
} // namespace

static constexpr int64_t sides[] = {64, 128, 192, 256};
// By three warpgroups: four would have too few registers.
static constexpr int64_t mostRows = 192;

// Rows, columns, stages, sharing; the stages of small tiles leave room for a
// second block on the multiprocessor.
static constexpr WgmmaTile candidates[] = {
    {128, 256, 4}, {192, 192, 4},    {128, 192, 4},
    {128, 128, 6}, {128, 128, 6, 2}, {64, 256, 4},
    {128, 64, 3},  {64, 128, 3},     {64, 64, 4},
};

// Shapes of which something else than the estimate was found to be fastest on
// an H100 (benchmarks/gemm).
static constexpr Measured measured[] = {
    {{1, 8192, 50264, 768}, {128, 256, 4, 2}},
    {{1, 768, 768, 8192}, {192, 128, 5, 1, 4}},
    {{1, 8192, 768, 50264}, {192, 256, 3}},
};

// Clusters of so many blocks that an H100 runs at a time, if each block has a
// multiprocessor of its own (cuOccupancyMaxActiveClusters).
static constexpr int64_t clustersOf[] = {0, 132, 66, 39, 30, 22, 17, 15, 15};
static constexpr int64_t mostParts = 8;

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t WgmmaTile::turnOffset() const {
  int64_t ring = stages * stageBytes();
  return parts > 1 ? std::max(ring, rows * sumsPitch() * 4) : ring;
}

int64_t WgmmaTile::barrierOffset() const {
  return turnOffset() + (parts > 1 ? 0 : consumers() * 4 * turnBytes());
}

static bool fits(const WgmmaTile &tile) {
  return tile.sharedBytes() <= mostSharedBytes;
}

// Clocks of the whole product on multiprocessors that do 2048 multiply-adds per
// clock and, all together reading, get 46 bytes per clock from the second-level
// cache. What a block fetches for another one too comes as fast as it would at
// 1.16 times the work. The rest is fitted to times of products on an H100.
static double clocks(const WgmmaTile &tile, const Shape &s) {
  double area = double(tile.rows) * double(tile.columns);
  double multiply = area * double(tile.depth) / 2048;
  double step = tile.sharing > 1
                    ? multiply * 1.16
                    : std::max(multiply, double(tile.stageBytes()) / 46);
  double item = double(tile.partDepth / tile.depth) * step + area * 0.085;
  // Sums go to other blocks and back.
  if (tile.parts > 1)
    item += 4500 + area * 0.15;
  int64_t items = s.batches * ceilDiv(s.m, tile.rows * tile.sharing) *
                  ceilDiv(s.n, tile.columns);
  return double(ceilDiv(items, clustersOf[tile.cluster()])) * item + 1500;
}

// Best first; of tiles that are expected to be as fast the first.
static std::vector<WgmmaTile> rank(llvm::ArrayRef<WgmmaTile> tiles,
                                   const Shape &shape, size_t count) {
  std::multimap<double, WgmmaTile> all;
  for (WgmmaTile tile : tiles)
    for (tile.parts = 1; tile.parts <= mostParts; ++tile.parts)
      if (!tile.fault(shape.k)) {
        WgmmaTile filled = fillDepth(tile, shape.k);
        all.emplace(clocks(filled, shape), filled);
      }
  std::vector<WgmmaTile> best;
  for (const auto &[cost, tile] : all)
    if (best.size() < count)
      best.push_back(tile);
  return best;
}

// All sizes, with as many stages as fit, at most six; and those of which a
// multiprocessor has room for two.
static std::vector<WgmmaTile> allTiles() {
  constexpr int64_t mostStages = 6, half = 113 * 1024;
  std::vector<WgmmaTile> tiles;
  for (int64_t rows : sides)
    for (int64_t columns : sides)
      for (int64_t sharing : {1, 2}) {
        WgmmaTile tile{rows, columns, mostStages, sharing};
        while (tile.stages > 0 && !fits(tile))
          --tile.stages;
        if (tile.stages < 2)
          continue;
        tiles.push_back(tile);
        while (tile.sharedBytes() > half)
          --tile.stages;
        if (tile.stages > 1 && tile.stages < tiles.back().stages)
          tiles.push_back(tile);
      }
  return tiles;
}

std::vector<WgmmaTile> mpc::rankWgmmaTiles(int64_t batches, int64_t m,
                                           int64_t n, int64_t k, size_t count) {
  return rank(allTiles(), {batches, m, n, k}, count);
}

WgmmaTile mpc::chooseWgmmaTile(int64_t batches, int64_t m, int64_t n,
                               int64_t k) {
  Shape shape = {batches, m, n, k};
  for (const Measured &one : measured)
    if (one.shape == shape)
      return fillDepth(one.tile, k);
  return rank(candidates, shape, 1).front();
}

WgmmaTile mpc::fillDepth(WgmmaTile tile, int64_t k) {
  int64_t steps = ceilDiv(k, WgmmaTile::depth);
  tile.partDepth = ceilDiv(steps, tile.parts) * WgmmaTile::depth;
  tile.stages = std::min(tile.stages, tile.partDepth / WgmmaTile::depth);
  return tile;
}

std::optional<std::string> WgmmaTile::fault(int64_t k) const {
  constexpr int64_t mostStages = 16;
  if (!llvm::is_contained(sides, rows) || rows > mostRows)
    return "its rows are not 64, 128 or 192";
  if (!llvm::is_contained(sides, columns))
    return "its columns are not 64, 128, 192 or 256";
  if (parts > 1 && sharing > 1)
    return "blocks either share columns or have parts of the depth";
  if (sharing > 2 || parts > mostParts)
    return "at most 2 blocks share columns, and at most 8 have parts";
  int64_t steps = ceilDiv(k, depth);
  if (parts > steps || ceilDiv(steps, ceilDiv(steps, parts)) != parts)
    return "fewer parts of the same size make up the depth";
  if (stages < 1 || stages > mostStages || !fits(*this))
    return "its stages need more than the " + std::to_string(mostSharedBytes) +
           " bytes that a block has";
  return std::nullopt;
}

std::optional<WgmmaTile> WgmmaTile::keeping() const {
  WgmmaTile tile = *this;
  tile.keepsResults = true;
  if (fits(tile))
    return tile;
  --tile.stages;
  if (tile.stages < 3 || !fits(tile))
    return std::nullopt;
  return tile;
}

uint64_t WgmmaOperand::descriptor() const {
  constexpr uint64_t swizzle128 = 1;
  uint64_t block = depthFirst ? 16 : blockBytes, group = groupBytes;
  return swizzle128 << 62 | (group >> 4) << 32 | (block >> 4) << 16;
}
