#include "runtime/train/Shuffle.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <set>

using namespace mpcrt::train;

namespace {

std::vector<int64_t> identity(int64_t count) {
  std::vector<int64_t> order(size_t(count), 0);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<int64_t> take(SampleStream &stream, int batches) {
  std::vector<int64_t> all;
  for (int i = 0; i < batches; ++i) {
    std::span<const int64_t> batch = stream.next();
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

} // namespace

TEST(Shuffle, IsAPermutation) {
  for (int64_t count : {0, 1, 2, 3, 1000}) {
    std::vector<int64_t> order = permutation(7, 3, count);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, identity(count));
  }
}

TEST(Shuffle, DependsOnSeedAndEpochAndNothingElse) {
  EXPECT_EQ(permutation(7, 3, 100), permutation(7, 3, 100));
  EXPECT_NE(permutation(7, 3, 100), permutation(7, 4, 100));
  EXPECT_NE(permutation(7, 3, 100), permutation(8, 3, 100));
  EXPECT_NE(permutation(7, 3, 100),
            permutation(7 + (uint64_t(1) << 32), 3, 100));
  EXPECT_NE(permutation(7, 3, 100), identity(100));
}

TEST(Shuffle, EveryOrderOfThreeIsAboutEquallyFrequent) {
  std::vector<int> seen(6, 0);
  for (uint64_t epoch = 0; epoch < 6000; ++epoch) {
    std::vector<int64_t> order = permutation(1, epoch, 3);
    seen[size_t(order[0] * 2 + (order[1] > order[2]))]++;
  }
  // Six standard deviations of a binomial with n = 6000, p = 1/6: 173.
  for (int count : seen)
    EXPECT_NEAR(count, 1000, 173);
}

// A change here would make checkpoints of earlier versions resume in another
// order. The numbers come from an independent Philox4x32-10 in Python.
TEST(Shuffle, TheOrderOfSeedZeroStaysWhatItIs) {
  EXPECT_EQ(permutation(0, 0, 8),
            (std::vector<int64_t>{2, 1, 0, 3, 6, 4, 7, 5}));
}

TEST(SampleStream, ARemainderOpensTheNextBatch) {
  SampleStream stream(5, 3, std::nullopt, {});
  EXPECT_EQ(take(stream, 4),
            (std::vector<int64_t>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1}));
  EXPECT_EQ(stream.position(), (StreamPosition{2, 2}));
}

TEST(SampleStream, AnEpochThatEndsWithABatchStartsTheNextAtZero) {
  SampleStream stream(6, 3, std::nullopt, {});
  take(stream, 2);
  EXPECT_EQ(stream.position(), (StreamPosition{1, 0}));
}

TEST(SampleStream, EachEpochIsThePermutationOfItsNumber) {
  SampleStream stream(10, 4, 99, {});
  std::vector<int64_t> all = take(stream, 5);
  std::vector<int64_t> first(all.begin(), all.begin() + 10);
  std::vector<int64_t> second(all.begin() + 10, all.end());
  EXPECT_EQ(first, permutation(99, 0, 10));
  EXPECT_EQ(second, permutation(99, 1, 10));
}

TEST(SampleStream, StartingWhereAnotherStoppedContinuesItsSequence) {
  SampleStream whole(10, 4, 99, {});
  std::vector<int64_t> expected = take(whole, 20);
  for (int stop = 0; stop <= 20; ++stop) {
    SampleStream before(10, 4, 99, {});
    std::vector<int64_t> all = take(before, stop);
    SampleStream after(10, 4, 99, before.position());
    std::vector<int64_t> rest = take(after, 20 - stop);
    all.insert(all.end(), rest.begin(), rest.end());
    EXPECT_EQ(all, expected) << "stopped after batch " << stop;
  }
}

TEST(SampleStream, EpochsTakeTheCeilingOfTheirBatches) {
  EXPECT_EQ(stepsForEpochs(1, 1437, 32), 45);
  EXPECT_EQ(stepsForEpochs(2, 1437, 32), 90);
  EXPECT_EQ(stepsForEpochs(10, 1437, 32), 450);
  EXPECT_EQ(stepsForEpochs(3, 128, 128), 3);
  EXPECT_EQ(stepsForEpochs(0, 128, 128), 0);
}
