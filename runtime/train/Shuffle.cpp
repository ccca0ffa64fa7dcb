#include "runtime/train/Shuffle.h"

#include <Random123/philox.h>
#include <cassert>
#include <numeric>
#include <utility>

namespace mpcrt::train {
namespace {

/// Draw number `index` of the stream (seed, epoch).
uint64_t draw(uint64_t seed, uint64_t epoch, uint64_t index) {
  // "shuf": no other user of the seed sets the upper half of the last word.
  constexpr uint32_t purpose = 0x73687566;
  uint64_t block = index / 2;
  r123::Philox4x32::ctr_type counter = {{uint32_t(block), uint32_t(block >> 32),
                                         uint32_t(epoch),
                                         uint32_t(epoch >> 32) ^ purpose}};
  r123::Philox4x32::key_type key = {{uint32_t(seed), uint32_t(seed >> 32)}};
  r123::Philox4x32::ctr_type words = r123::Philox4x32()(counter, key);
  size_t half = 2 * (index % 2);
  return uint64_t(words[half]) | uint64_t(words[half + 1]) << 32;
}

} // namespace

std::vector<int64_t> permutation(uint64_t seed, uint64_t epoch, int64_t count) {
  std::vector<int64_t> order(size_t(count), 0);
  std::iota(order.begin(), order.end(), 0);
  for (uint64_t i = uint64_t(count); i > 1; --i) {
    uint64_t random = draw(seed, epoch, uint64_t(count) - i);
    uint64_t j = uint64_t((unsigned __int128)random * i >> 64);
    std::swap(order[i - 1], order[j]);
  }
  return order;
}

SampleStream::SampleStream(int64_t count, int64_t batch,
                           std::optional<uint64_t> seed, StreamPosition start)
    : count(count), seed(seed), at(start), indices(size_t(batch)) {
  assert(batch >= 1 && batch <= count && start.position < count);
  openEpoch();
}

void SampleStream::openEpoch() {
  if (seed)
    order = permutation(*seed, uint64_t(at.epoch), count);
}

std::span<const int64_t> SampleStream::next() {
  for (int64_t &index : indices) {
    index = seed ? order[size_t(at.position)] : at.position;
    if (++at.position == count) {
      at = {at.epoch + 1, 0};
      openEpoch();
    }
  }
  return indices;
}

int64_t stepsForEpochs(int64_t epochs, int64_t count, int64_t batch) {
  __int128 samples = (__int128)epochs * count;
  return int64_t((samples + batch - 1) / batch);
}

} // namespace mpcrt::train
