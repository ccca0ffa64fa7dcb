#include "compiler/lowering/emit/gpu/SimtTiles.h"
#include <initializer_list>
#include <limits>

using namespace mpc;

namespace {
struct Candidate {
  SimtTile tile;
  int64_t resident;  ///< blocks that fit a multiprocessor
  double efficiency; ///< share of its 128 multiply-adds per clock when full
};
} // namespace

// A small tile reads more shared memory per product, so it runs at a smaller
// share of the peak; it pays where a large one leaves multiprocessors idle.
static constexpr Candidate candidates[] = {
    {{128, 128, 8, 8, 8}, 1, 0.75},
    {{64, 64, 16, 4, 4}, 4, 0.5},
    {{32, 32, 32, 2, 2}, 6, 0.25},
};

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Clocks of the whole product. A wave of blocks ends when each multiprocessor
// has done its share of them; one block alone runs as fast as latency allows,
// which is taken as half of the full rate.
static double clocks(const Candidate &candidate, int64_t batches, int64_t m,
                     int64_t n, int64_t depth, int64_t parts) {
  const SimtTile &tile = candidate.tile;
  int64_t blocks =
      batches * parts * ceilDiv(m, tile.rows) * ceilDiv(n, tile.columns);
  double work = double(tile.rows) * double(tile.columns) * double(depth);
  double full = work / (128 * candidate.efficiency);
  int64_t share = ceilDiv(blocks, multiprocessors);
  double alone = candidate.resident > 1 && share == 1 ? 2 : 1;
  double total = double(share) * full * alone + 2000;
  if (parts > 1) {
    // The sums go to memory and back, about 10 bytes per clock and
    // multiprocessor, and a second launch starts.
    double bytes =
        8.0 * double(parts) * double(batches) * double(m) * double(n);
    total += bytes / (10 * multiprocessors) + 3000;
  }
  return total;
}

SimtTile mpc::chooseSimtTile(int64_t batches, int64_t m, int64_t n, int64_t k,
                             int64_t partDepth) {
  SimtTile best;
  double least = std::numeric_limits<double>::infinity();
  for (const Candidate &candidate : candidates)
    for (int64_t parts : {int64_t(1), ceilDiv(k, partDepth)}) {
      double cost =
          clocks(candidate, batches, m, n, parts > 1 ? partDepth : k, parts);
      if (cost >= least)
        continue;
      least = cost;
      best = candidate.tile;
      best.parts = parts;
    }
  return best;
}
