// How long a step and its launches take on the CPU, and what it could do.
#include "runtime/src/CpuExecutor.h"
#include "runtime/src/FmaPeak.h"
#include "runtime/src/FreeMemory.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>

namespace mpcrt {

namespace {
constexpr int rounds = 3;

/// Seconds of the shortest of some rounds, after one that warms up.
template <typename Fn> double shortest(Fn work) {
  work();
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < rounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count());
  }
  return best;
}

// As kernels, so that all threads take part: one tile each.
constexpr int64_t turns = 2'000'000;

void computeTiles(void *const *, int64_t first, int64_t end) {
  for (int64_t tile = first; tile < end; ++tile)
    multiplyAndAdd(turns);
}

constexpr int64_t copyTile = 1 << 20; // bytes

void copyTiles(void *const *buffers, int64_t first, int64_t end) {
  std::memcpy(static_cast<std::byte *>(buffers[0]) + first * copyTile,
              static_cast<const std::byte *>(buffers[1]) + first * copyTile,
              size_t((end - first) * copyTile));
}
} // namespace

Result<StepTimes> CpuExecutor::timeStep(const void *const *inputs,
                                        const void *label, int repeats) {
  bindBatch({inputs, label});
  StepTimes times;
  auto repeated = [&](auto work) {
    return shortest([&] {
             for (int i = 0; i < repeats; ++i)
               work();
           }) /
           repeats;
  };
  times.step = repeated([&] { run(trainEntry); });
  KernelFloatEnvironment environment;
  for (const Step &step : trainEntry.steps)
    times.launches.push_back(repeated([&] { runStep(trainEntry, step); }));
  return times;
}

Result<Ceilings> CpuExecutor::ceilings() {
  Ceilings ceilings;
  // Larger than caches, where memory allows.
  constexpr int64_t mostTiles = 256;
  const int64_t tiles =
      std::clamp<int64_t>(int64_t(freeMemory() / 8) / copyTile, 1, mostTiles);
  AlignedBuffer to(size_t(tiles * copyTile)), from(size_t(tiles * copyTile));
  void *buffers[] = {to.data(), from.data()};
  std::memset(buffers[1], 1, from.size());
  ceilings.copyBytes = 2 * double(from.size()) /
                       shortest([&] { pool.run({copyTiles, buffers, tiles}); });
  const int64_t threads = pool.threads();
  const double seconds =
      shortest([&] { pool.run({computeTiles, nullptr, threads}); });
  ceilings.f32 = double(threads * turns * operationsPerTurn) / seconds;
  // Kernels widen narrow formats.
  ceilings.f16 = ceilings.bf16 = ceilings.f32;
  ceilings.source = "measured: 256-bit fused multiply-adds on f32";
  return ceilings;
}

} // namespace mpcrt
