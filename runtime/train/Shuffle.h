// The order of samples: one endless stream of epochs, cut into full batches.
#ifndef MPCRT_TRAIN_SHUFFLE_H
#define MPCRT_TRAIN_SHUFFLE_H

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mpcrt::train {

/// Returns a permutation of 0..count-1 that depends on (seed, epoch) alone:
/// Fisher-Yates from the last place down, with 64-bit numbers of Philox4x32-10
/// (key: seed; counter: number of the pair of draws, epoch, a constant that
/// sets it apart from other uses of the seed). A draw is scaled by a 64x64-bit
/// multiplication, whose bias is below count / 2^64.
std::vector<int64_t> permutation(uint64_t seed, uint64_t epoch, int64_t count);

/// Where a stream of epochs stands: the epoch and the sample within it that
/// comes next, both from 0; position < count.
struct StreamPosition {
  int64_t epoch = 0;
  int64_t position = 0;

  bool operator==(const StreamPosition &) const = default;
};

/// Hands out batches of sample indices. An epoch's remainder opens the next
/// batch, so each batch is full and no sample is left out.
class SampleStream {
public:
  /// A stream over `count` samples in batches of `batch`, 1 <= batch <= count,
  /// from `start` on. Without a seed, samples come in the order of the data.
  SampleStream(int64_t count, int64_t batch, std::optional<uint64_t> seed,
               StreamPosition start);

  /// Fills the indices of the next batch and moves on.
  std::span<const int64_t> next();

  /// What the next batch starts with.
  StreamPosition position() const { return at; }

private:
  void openEpoch();

  int64_t count;
  std::optional<uint64_t> seed;
  StreamPosition at;
  std::vector<int64_t> order, indices;
};

/// The number of batches after which each of `count` samples was seen `epochs`
/// times: the ceiling of epochs * count / batch.
int64_t stepsForEpochs(int64_t epochs, int64_t count, int64_t batch);

} // namespace mpcrt::train

#endif
