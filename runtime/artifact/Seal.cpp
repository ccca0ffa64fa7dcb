#include "runtime/artifact/Seal.h"

namespace mpcrt {

// Little-endian, so that the checksum is the same on every machine.
void Seal::addNumber(uint64_t number) {
  unsigned char bytes[8];
  for (size_t i = 0; i < sizeof bytes; ++i)
    bytes[i] = static_cast<unsigned char>(number >> (8 * i));
  digest.update(bytes, sizeof bytes);
}

// With its length, so that texts cannot be divided in another way.
void Seal::addText(std::string_view text) {
  addNumber(text.size());
  digest.update(text.data(), text.size());
}

void Seal::addMetadata(std::string_view key, std::string_view value) {
  addText(key);
  addText(value);
}

void Seal::addTensor(std::string_view name, DType dtype,
                     std::span<const int64_t> shape, const void *data,
                     size_t bytes) {
  addText(name);
  addText(dtypeName(dtype));
  addNumber(shape.size());
  for (int64_t extent : shape)
    addNumber(uint64_t(extent));
  digest.update(data, bytes);
}

} // namespace mpcrt
