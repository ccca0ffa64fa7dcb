// Any bytes as an .npz archive, as one .npy array, and as the dictionary in its
// header: each ends with a status, or with an array of the size that its shape
// says.
#include "runtime/train/Npz.h"

#include <algorithm>
#include <cstring>

using namespace mpcrt::train;

namespace {
constexpr uint64_t limit = 1 << 20;

class MemorySource : public ByteSource {
public:
  MemorySource(const uint8_t *data, size_t size)
      : data(data), left(size), size(size) {}

  Status read(void *out, size_t wanted, size_t &got) override {
    got = std::min(wanted, left);
    if (got > 0)
      std::memcpy(out, data + (size - left), got);
    left -= got;
    return {};
  }
  uint64_t claimedBytes() const override { return size; }

private:
  const uint8_t *data;
  size_t left, size;
};

void check(const Array &array) {
  if (array.bytes.size() !=
      size_t(elementCount(array.shape)) * elementBytes(array.element))
    __builtin_trap();
}

void readArray(const uint8_t *data, size_t size) {
  MemorySource source(data, size);
  NpyHeader header;
  Array array;
  if (readNpyHeader(source, "input", header).ok() &&
      readNpyData(source, "input", header, limit, array).ok())
    check(array);
}

void readArchive(const uint8_t *data, size_t size) {
  NpzReader reader;
  if (!reader.openMemory(data, size, "input").ok())
    return;
  for (const std::string &name : reader.names()) {
    Array array;
    if (reader.read(name, limit, array).ok())
      check(array);
  }
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  NpyHeader header;
  std::string_view text(reinterpret_cast<const char *>(data), size);
  (void)parseNpyDictionary(text, "input", header);
  readArray(data, size);
  readArchive(data, size);
  return 0;
}
