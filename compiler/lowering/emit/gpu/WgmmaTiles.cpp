#include "compiler/lowering/emit/gpu/WgmmaTiles.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include <algorithm>
#include <limits>

using namespace mpc;

// Rows, columns, stages; the stages of small tiles leave room for a second
// block on the multiprocessor.
static constexpr WgmmaTile candidates[] = {
    {128, 256, 4}, {128, 128, 6}, {64, 256, 4},
    {64, 128, 4},  {128, 64, 4},  {64, 64, 6},
};

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Clocks of the whole product on 132 multiprocessors, each with 2048
// multiply-adds per clock and, all together reading, some 40 bytes per clock
// from the second-level cache.
static double clocks(const WgmmaTile &tile, int64_t batches, int64_t m,
                     int64_t n) {
  int64_t blocks =
      batches * tile.parts * ceilDiv(m, tile.rows) * ceilDiv(n, tile.columns);
  double multiply =
      double(tile.rows) * double(tile.columns * tile.depth) / 2048;
  double load = double(tile.stageBytes()) / 40;
  double steps = double(tile.partDepth / tile.depth);
  double store = double(tile.rows) * double(tile.columns) * 8 / 64;
  // The start of a block and the first loads cost some 1500.
  double total = double(ceilDiv(blocks, multiprocessors)) *
                     (steps * std::max(multiply, load) + store) +
                 1500;
  if (tile.parts > 1) {
    // Sums go to memory and back, and a second launch starts.
    double bytes = 8.0 * double(tile.parts * batches) * double(m) * double(n);
    total += bytes / (30 * multiprocessors) + 3000;
  }
  return total;
}

WgmmaTile mpc::chooseWgmmaTile(int64_t batches, int64_t m, int64_t n,
                               int64_t k) {
  WgmmaTile best{};
  double least = std::numeric_limits<double>::infinity();
  int64_t steps = ceilDiv(k, WgmmaTile::depth);
  for (WgmmaTile tile : candidates)
    for (int64_t parts = 1; parts <= std::min<int64_t>(steps, 64); ++parts) {
      int64_t partSteps = ceilDiv(steps, parts);
      // Fewer parts of this size would do.
      if (ceilDiv(steps, partSteps) != parts)
        continue;
      tile.parts = parts;
      tile.partDepth = partSteps * tile.depth;
      double cost = clocks(tile, batches, m, n);
      if (cost >= least)
        continue;
      least = cost;
      best = tile;
    }
  best.stages = std::min(best.stages, best.partDepth / best.depth);
  return best;
}

uint64_t WgmmaOperand::descriptor() const {
  constexpr uint64_t swizzle128 = 1;
  uint64_t block = depthFirst ? 16 : blockBytes, group = groupBytes;
  return swizzle128 << 62 | (group >> 4) << 32 | (block >> 4) << 16;
}
