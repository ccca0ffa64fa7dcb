#include "runtime/src/cuda/LaunchOrder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace mpcrt::cuda;

namespace {
using Waits = std::vector<std::vector<size_t>>;

Access reads(uint64_t begin, uint64_t end) { return {begin, end, false}; }
Access writes(uint64_t begin, uint64_t end) { return {begin, end, true}; }

// Whether launch `b` waits for `a`, directly or not.
bool isBehind(const Waits &waits, size_t a, size_t b) {
  for (size_t before : waits[b])
    if (before == a || (before > a && isBehind(waits, a, before)))
      return true;
  return false;
}

bool conflict(const std::vector<Access> &a, const std::vector<Access> &b) {
  for (const Access &x : a)
    for (const Access &y : b)
      if ((x.writes || y.writes) &&
          std::max(x.begin, y.begin) < std::min(x.end, y.end))
        return true;
  return false;
}
} // namespace

TEST(LaunchOrder, OfOneOrNone) {
  EXPECT_EQ(waitsOf({}), Waits());
  EXPECT_EQ(waitsOf({{reads(0, 8), writes(0, 8)}}), Waits({{}}));
}

TEST(LaunchOrder, ReadersWaitForTheWriterAndNotForEachOther) {
  EXPECT_EQ(waitsOf({{writes(0, 64)}, {reads(0, 8)}, {reads(60, 64)}}),
            Waits({{}, {0}, {0}}));
}

TEST(LaunchOrder, WritersWaitForReadersAndWriters) {
  EXPECT_EQ(waitsOf({{reads(0, 8)}, {writes(4, 8)}, {writes(0, 8)}}),
            Waits({{}, {0}, {1}}));
  EXPECT_EQ(waitsOf({{writes(0, 4)}, {writes(4, 8)}, {writes(3, 5)}}),
            Waits({{}, {}, {0, 1}}));
}

TEST(LaunchOrder, NeighboursAndEmptyRangesDoNotMeet) {
  EXPECT_EQ(waitsOf({{writes(0, 4)}, {writes(4, 8)}, {reads(2, 2)}}),
            Waits({{}, {}, {}}));
}

TEST(LaunchOrder, WhatAnotherOneWaitsForIsLeftOut) {
  // 3 reads what 0, 1 and 2 wrote, one behind the other.
  EXPECT_EQ(waitsOf({{writes(0, 8)},
                     {reads(0, 8), writes(8, 16)},
                     {reads(8, 16), writes(16, 24)},
                     {reads(0, 24), writes(24, 32)}}),
            Waits({{}, {0}, {1}, {2}}));
}

TEST(LaunchOrder, AnUpdateInPlaceWaitsForTheOthersThatReadTheOldValue) {
  EXPECT_EQ(waitsOf({{reads(0, 8), writes(8, 16)},
                     {reads(0, 8), writes(16, 24)},
                     {reads(0, 8), writes(0, 8), reads(8, 16)},
                     {reads(0, 8)}}),
            Waits({{}, {}, {0, 1}, {2}}));
}

TEST(LaunchOrder, OrdersExactlyWhatMustBeAndSaysItOnce) {
  std::mt19937 random(7);
  auto number = [&](uint64_t end) { return random() % end; };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<Access>> launches(2 + number(20));
    for (auto &launch : launches)
      for (uint64_t i = 0, count = 1 + number(4); i < count; ++i) {
        const uint64_t begin = number(60);
        launch.push_back({begin, begin + number(12), number(3) == 0});
      }
    const Waits waits = waitsOf(launches);
    for (size_t b = 0; b < launches.size(); ++b) {
      for (size_t a = 0; a < b; ++a)
        if (conflict(launches[a], launches[b])) {
          EXPECT_TRUE(isBehind(waits, a, b)) << a << " " << b;
        }
      for (size_t a : waits[b]) {
        EXPECT_TRUE(conflict(launches[a], launches[b])) << a << " " << b;
        for (size_t other : waits[b])
          EXPECT_FALSE(other > a && isBehind(waits, a, other));
      }
    }
  }
}

TEST(LaunchOrder, ThousandsTakeNoTime) {
  // A chain of steps that all read one scalar and keep values for a way back.
  std::vector<std::vector<Access>> launches;
  constexpr uint64_t count = 10000;
  for (uint64_t i = 0; i < count; ++i)
    launches.push_back({reads(0, 4), reads(64 * i, 64 * i + 64),
                        writes(64 * i + 64, 64 * i + 128)});
  launches.push_back({reads(0, 64 * count), writes(0, 4)});
  const Waits waits = waitsOf(launches);
  EXPECT_EQ(waits[count], std::vector<size_t>{count - 1});
}
