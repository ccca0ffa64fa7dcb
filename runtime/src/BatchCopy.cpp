#include "runtime/src/BatchCopy.h"

#include <algorithm>
#include <cstring>

namespace mpcrt {

namespace {
// Less is copied sooner than a second thread is awake.
constexpr size_t smallCopy = 64 * 1024;
constexpr size_t chunkBytes = 16 * 1024;

struct Copy {
  const std::byte *from;
  std::byte *to;
  size_t bytes;           ///< of all
  size_t pieceBytes;      ///< a sample, or a chunk
  const int64_t *samples; ///< null: chunks

  void run(int64_t first, int64_t end) const {
    for (int64_t i = first; i < end; ++i) {
      const size_t place = size_t(i) * pieceBytes;
      const size_t source = samples ? size_t(samples[i]) * pieceBytes : place;
      std::memcpy(to + place, from + source,
                  std::min(pieceBytes, bytes - place));
    }
  }
};

void runCopy(void *const *buffers, int64_t first, int64_t end) {
  static_cast<const Copy *>(buffers[0])->run(first, end);
}
} // namespace

void copyBatch(ThreadPool &pool, const Batch &batch, const void *from, void *to,
               size_t bytes) {
  if (bytes == 0)
    return;
  Copy copy{static_cast<const std::byte *>(from), static_cast<std::byte *>(to),
            bytes, chunkBytes, batch.samples};
  int64_t pieces = int64_t((bytes + chunkBytes - 1) / chunkBytes);
  if (batch.samples) {
    copy.pieceBytes = bytes / size_t(batch.count);
    pieces = batch.count;
  }
  void *buffer = &copy;
  if (bytes < smallCopy)
    copy.run(0, pieces);
  else
    pool.run({runCopy, &buffer, pieces});
}

} // namespace mpcrt
