#include "compiler/lowering/emit/gpu/MmaTiles.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include <algorithm>
#include <limits>

using namespace mpc;

// All have 128 threads and fit the 99 KiB of shared memory that the smallest
// GPUs of the family give to a block. Small tiles take deeper steps: there is
// less to do between two barriers.
static constexpr MmaTile candidates[] = {
    {128, 128, 32, 64, 64, 4}, {128, 64, 32, 64, 32, 4},
    {64, 128, 32, 32, 64, 4},  {64, 64, 64, 32, 32, 3},
    {128, 32, 32, 32, 32, 4},  {32, 128, 32, 32, 32, 4},
    {64, 32, 64, 32, 16, 4},   {32, 64, 64, 16, 32, 4},
    {32, 32, 64, 16, 16, 4},
};

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Clocks that a multiprocessor needs for one step of a block: 1024
// multiply-adds per clock; 128 bytes per clock of shared memory, written once
// and read by every warp; some 40 bytes per clock from the second-level cache;
// 128 instructions per clock, of which an element that comes through registers
// takes some 7.
static double stepClocks(const MmaTile &tile, int64_t throughRegisters) {
  double multiply =
      double(tile.rows) * double(tile.columns) * double(tile.depth) / 1024;
  int64_t warps = tile.threads() / 32;
  double shared =
      double(warps * (tile.warpRows + tile.warpColumns) * tile.depth * 2 +
             tile.stageBytes()) /
      128;
  double load = double(tile.stageBytes()) / 40;
  int64_t elements = tile.stageBytes() / 2 * throughRegisters / 2;
  return std::max({multiply, shared, load, double(elements) * 7 / 128});
}

static double clocks(const MmaTile &tile, int64_t throughRegisters,
                     int64_t batches, int64_t m, int64_t n) {
  int64_t blocks =
      batches * tile.parts * ceilDiv(m, tile.rows) * ceilDiv(n, tile.columns);
  double steps = double(tile.partDepth / tile.depth);
  double store = double(tile.rows) * double(tile.columns) * 8 / 64;
  // Some three blocks share a multiprocessor and wait side by side: at least
  // for a barrier and the first operands, and what comes through registers
  // waits for memory in every step.
  constexpr int64_t resident = 3;
  double wait = throughRegisters ? 600 : 150;
  int64_t share = ceilDiv(blocks, multiprocessors);
  double sums =
      std::max(double(share) * steps * stepClocks(tile, throughRegisters),
               double(ceilDiv(share, resident)) * steps * wait);
  // The start of a block and the first loads cost some 1500.
  double total = sums + double(share) * store + 1500;
  if (tile.parts > 1) {
    // Sums go to memory and back, and a second launch starts, whose threads
    // wait for several parts at a time.
    double bytes = 8.0 * double(tile.parts * batches) * double(m) * double(n);
    total += bytes / (30 * multiprocessors) + 3000 + 40 * double(tile.parts);
  }
  return total;
}

bool mpc::areProductsOfWarps(int64_t batches, int64_t m, int64_t n) {
  return m <= 32 && n <= 64 && batches >= 4 * multiprocessors;
}

// Little shared memory, so that many blocks of one warp are resident.
static MmaTile tileOfWarp(int64_t n, int64_t k) {
  int64_t columns = n <= 32 ? 32 : 64, depth = k <= 32 ? 32 : 64;
  int64_t steps = ceilDiv(k, depth);
  return {.rows = 32,
          .columns = columns,
          .depth = depth,
          .warpRows = 32,
          .warpColumns = columns,
          .stages = steps == 1 ? 1 : 2,
          .partDepth = steps * depth};
}

MmaTile mpc::chooseMmaTile(int64_t batches, int64_t m, int64_t n, int64_t k,
                           int64_t throughRegisters) {
  if (areProductsOfWarps(batches, m, n))
    return tileOfWarp(n, k);
  MmaTile best{};
  double least = std::numeric_limits<double>::infinity();
  for (MmaTile tile : candidates) {
    // Twice as many warps, with half of the sums and of the operands each.
    if (throughRegisters && tile.warpRows * tile.warpColumns > 2048)
      tile.warpColumns /= 2;
    int64_t steps = ceilDiv(k, tile.depth);
    for (int64_t parts = 1; parts <= std::min<int64_t>(steps, 256); ++parts) {
      int64_t partSteps = ceilDiv(steps, parts);
      // Fewer parts of this size would do.
      if (ceilDiv(steps, partSteps) != parts)
        continue;
      tile.parts = parts;
      tile.partDepth = partSteps * tile.depth;
      double cost = clocks(tile, throughRegisters, batches, m, n);
      if (cost >= least)
        continue;
      least = cost;
      best = tile;
    }
  }
  // A step is loaded while the one before is multiplied. More are on their way
  // only where copies are.
  int64_t steps = best.partDepth / best.depth;
  if (throughRegisters == 2)
    steps = 2;
  best.stages = std::clamp<int64_t>(steps, 2, best.stages);
  return best;
}

// Bits 4 to 6 of an offset count chunks in a line. The number of the line, or
// of the row if it is longer, begins at the bit behind.
int64_t MmaLayout::shift() const {
  int64_t bit = 3;
  while ((chunk << (bit - 3)) < rowChunks())
    ++bit;
  return bit;
}

int64_t MmaLayout::mask() const {
  return (std::min(rowChunks(), chunk) - 1) << 4;
}
