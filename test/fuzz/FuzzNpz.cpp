// Feeds bytes to the .npz reader: it must end with a status, whatever they are.
#include "runtime/train/Npz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace mpcrt::train;
  constexpr uint64_t limit = 1 << 20;
  NpyHeader header;
  std::string_view text(reinterpret_cast<const char *>(data), size);
  (void)parseNpyDictionary(text, "input", header);
  NpzReader reader;
  if (!reader.openMemory(data, size, "input").ok())
    return 0;
  for (const std::string &name : reader.names()) {
    Array array;
    if (reader.read(name, limit, array).ok() &&
        array.bytes.size() !=
            size_t(elementCount(array.shape)) * elementBytes(array.element))
      __builtin_trap();
  }
  return 0;
}
