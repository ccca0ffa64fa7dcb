// The parts below the API: initialisers, ranges, features, threads.
#include "runtime/artifact/Digest.h"
#include "runtime/src/CpuFeatures.h"
#include "runtime/src/Hyper.h"
#include "runtime/src/Initializer.h"
#include "runtime/src/ThreadPool.h"
#include "test/unit/runtime/program/TestProgram.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>

using namespace mpcrt;
using namespace mpcrt::test;

TEST(Philox, GivesTheKnownAnswers) {
  // kat_vectors of the Random123 distribution: philox4x32 10, counter and key
  // all zero. Key (0xa4093822, 0x299f31d0) is the third vector's, whose counter
  // does not end in zero as ours do, so one vector is all that can be used.
  EXPECT_EQ(philoxBlock(0, 0, 0),
            (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c,
                                     0x9b00dbd8}));
}

TEST(Philox, EveryPartOfSeedStreamAndBlockCounts) {
  auto base = philoxBlock(0, 0, 0);
  EXPECT_NE(philoxBlock(1, 0, 0), base);
  EXPECT_NE(philoxBlock(1ull << 32, 0, 0), base);
  EXPECT_NE(philoxBlock(0, 1, 0), base);
  EXPECT_NE(philoxBlock(0, 1ull << 32, 0), base);
  EXPECT_NE(philoxBlock(0, 0, 1), base);
  EXPECT_NE(philoxBlock(0, 0, 1ull << 32), base);
}

TEST(Initializer, UniformStaysWithinItsBoundAndFillsIt) {
  std::vector<float> w = Opened().floats("w");
  float least = 1, most = -1;
  double sum = 0;
  for (float value : w) {
    least = std::min(least, value);
    most = std::max(most, value);
    sum += double(value);
  }
  // Of n = 16384 values of U(-0.25, 0.25) the extremes are within 0.5 * 20 / n
  // of the bounds but for a chance of exp(-20) each; the mean has standard
  // deviation 0.5 / sqrt(12 n) = 0.00113, of which six are allowed.
  EXPECT_GE(least, -0.25f);
  EXPECT_LT(least, -0.25f + 10.0f / 16384);
  EXPECT_LE(most, 0.25f);
  EXPECT_GT(most, 0.25f - 10.0f / 16384);
  EXPECT_LT(std::abs(sum / double(w.size())), 6 * 0.00113);
}

TEST(Initializer, NormalHasItsMomentsAndNoRepeats) {
  std::vector<float> values = Opened().floats("frozen");
  double sum = 0, squares = 0, neighbours = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    double value = double(values[i]) / 2;
    sum += value;
    squares += value * value;
    if (i)
      neighbours += value * double(values[i - 1]) / 2;
  }
  double n = double(values.size());
  // Standard deviations of the three for N(0, 1): 1/sqrt(n), sqrt(2/n) and
  // 1/sqrt(n); six of each are allowed.
  EXPECT_LT(std::abs(sum / n), 6 / std::sqrt(n));
  EXPECT_LT(std::abs(squares / n - 1), 6 * std::sqrt(2 / n));
  EXPECT_LT(std::abs(neighbours / n), 6 / std::sqrt(n));
}

TEST(Initializer, NormalIsBoxMullerOfTheBlock) {
  std::vector<float> values = Opened().floats("frozen");
  auto words = philoxBlock(17, hash64("frozen"), 2);
  auto unit = [&](size_t i) { return (words[i] + 0.5) / 4294967296.0; };
  double radius = std::sqrt(-2 * std::log(unit(2)));
  double pi = std::acos(-1.0);
  EXPECT_EQ(values[10], float(2 * radius * std::cos(2 * pi * unit(3))));
  EXPECT_EQ(values[11], float(2 * radius * std::sin(2 * pi * unit(3))));
}

namespace {
std::vector<unsigned char> filled(DType dtype, double value, Code code) {
  std::vector<std::byte> file = artifactOf(sampleManifest());
  Result<Container> container =
      Container::fromMemory(file.data(), file.size(), "a");
  StateSpec state;
  state.dtype = dtype;
  state.shape = {2};
  state.init = Init::fill(value);
  std::vector<unsigned char> bytes(state.bytes());
  EXPECT_EQ(initialize(state, 0, *container, bytes.data()).code(), code);
  return bytes;
}
} // namespace

TEST(Initializer, FillsEveryType) {
  using Bytes = std::vector<unsigned char>;
  EXPECT_EQ(filled(DType::F32, 1, Code::Ok),
            (Bytes{0, 0, 128, 63, 0, 0, 128, 63}));
  EXPECT_EQ(filled(DType::F16, 1, Code::Ok), (Bytes{0, 60, 0, 60}));
  EXPECT_EQ(filled(DType::BF16, 1, Code::Ok), (Bytes{128, 63, 128, 63}));
  EXPECT_EQ(filled(DType::I32, -2, Code::Ok),
            (Bytes{254, 255, 255, 255, 254, 255, 255, 255}));
  EXPECT_EQ(filled(DType::I64, 3, Code::Ok)[8], 3);
  EXPECT_EQ(filled(DType::I8, -2, Code::Ok), (Bytes{254, 254}));
  EXPECT_EQ(filled(DType::U8, 255, Code::Ok), (Bytes{255, 255}));
  EXPECT_EQ(filled(DType::Bool, 1, Code::Ok), (Bytes{1, 1}));
}

TEST(Initializer, IntegersRefuseWhatTheyCannotHold) {
  filled(DType::I64, 0.5, Code::Damaged);
  filled(DType::I8, 128, Code::Damaged);
  filled(DType::U8, 256, Code::Damaged);
  filled(DType::U8, -1, Code::Damaged);
  filled(DType::I32, 2147483648.0, Code::Damaged);
  filled(DType::I64, 9223372036854775808.0, Code::Damaged);
  filled(DType::I64, -9223372036854775808.0, Code::Ok);
}

namespace {
bool allowed(const char *name, double value) {
  return checkHyper(name, value, HyperLimits()).ok();
}
} // namespace

TEST(Hyper, RangesAreAsDocumented) {
  double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  for (const char *name :
       {"lr", "momentum", "beta1", "beta2", "eps", "weight_decay", "clip_norm",
        "scale_growth_factor", "scale_growth_interval", "scale_backoff_factor",
        "scale_hysteresis", "scale_min", "scale_max", "loss_scale", "other"}) {
    EXPECT_FALSE(allowed(name, nan)) << name;
    EXPECT_FALSE(allowed(name, infinity)) << name;
    EXPECT_FALSE(allowed(name, -infinity)) << name;
    EXPECT_FALSE(allowed(name, 1e300)) << name << " is infinite as f32";
    EXPECT_EQ(allowed(name, -1), std::string(name) == "other") << name;
  }
  for (const char *name : {"lr", "momentum", "beta1", "beta2", "weight_decay"})
    EXPECT_TRUE(allowed(name, 0)) << name;
  for (const char *name :
       {"eps", "clip_norm", "scale_backoff_factor", "scale_min"})
    EXPECT_FALSE(allowed(name, 0)) << name;
  for (const char *name : {"momentum", "beta1", "beta2"}) {
    EXPECT_TRUE(allowed(name, 0.999)) << name;
    EXPECT_FALSE(allowed(name, 1)) << name;
    EXPECT_FALSE(allowed(name, 0.99999999999)) << name << " is 1 as f32";
  }
  EXPECT_TRUE(allowed("scale_growth_factor", 2));
  EXPECT_FALSE(allowed("scale_growth_factor", 0.5));
  EXPECT_FALSE(allowed("scale_growth_factor", 3));
  EXPECT_TRUE(allowed("scale_growth_interval", 2000));
  EXPECT_FALSE(allowed("scale_growth_interval", 1.5));
  EXPECT_TRUE(allowed("loss_scale", 16777216));
  EXPECT_FALSE(allowed("loss_scale", 33554432));
}

TEST(CpuFeatures, UnknownNamesAreAbsent) {
  EXPECT_FALSE(cpuHas("avx9000"));
  EXPECT_FALSE(cpuHas(""));
#if defined(__x86_64__)
  EXPECT_TRUE(cpuHas("sse2"));
#endif
}

namespace {
// Raises the counter of every tile it is given.
void countTiles(void *const *buffers, int64_t first, int64_t end) {
  auto *counts = static_cast<int *>(buffers[0]);
  for (int64_t tile = first; tile < end; ++tile)
    ++counts[tile];
}

// Adds all counters up, as a launch that relies on the one before.
void sumTiles(void *const *buffers, int64_t first, int64_t end) {
  auto *counts = static_cast<int *>(buffers[0]);
  auto *sums = static_cast<int64_t *>(buffers[1]);
  for (int64_t tile = first; tile < end; ++tile)
    for (int64_t i = 0; i < 100; ++i)
      sums[tile] += counts[i];
}
} // namespace

TEST(ThreadPool, RunsEveryTileOnce) {
  for (int threads = 1; threads <= 5; ++threads) {
    ThreadPool pool(threads);
    for (int tiles = 0; tiles <= 17; ++tiles) {
      std::vector<int> counts(20);
      void *buffers[] = {counts.data()};
      pool.run({countTiles, buffers, tiles});
      for (int i = 0; i < 20; ++i)
        EXPECT_EQ(counts[size_t(i)], i < tiles) << threads << " " << tiles;
    }
  }
}

TEST(ThreadPool, ALaunchSeesAllOfTheOneBefore) {
  for (int threads : {2, 3, 4}) {
    ThreadPool pool(threads);
    std::vector<int> counts(100);
    std::vector<int64_t> sums(100);
    void *buffers[] = {counts.data(), sums.data()};
    int64_t expected = 0;
    for (int round = 1; round <= 3000; ++round) {
      pool.run({countTiles, buffers, 100});
      pool.run({sumTiles, buffers, 100});
      expected += 100 * round;
    }
    for (int64_t sum : sums)
      EXPECT_EQ(sum, expected);
  }
}

TEST(ThreadPool, WakesThreadsThatSleep) {
  ThreadPool pool(2);
  std::vector<int> counts(2);
  void *buffers[] = {counts.data()};
  for (int round = 1; round <= 5; ++round) {
    // Far longer than a thread spins.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    pool.run({countTiles, buffers, 2});
    EXPECT_EQ(counts, (std::vector<int>{round, round}));
  }
}
