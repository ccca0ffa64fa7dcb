#include "runtime/artifact/Digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace mpcrt {

struct Digest::Impl {
  XXH3_state_t state;
};

Digest::Digest() : impl(new Impl) { XXH3_128bits_reset(&impl->state); }

Digest::~Digest() = default;

void Digest::update(const void *data, size_t bytes) {
  if (bytes)
    XXH3_128bits_update(&impl->state, data, bytes);
}

std::string Digest::hex() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&impl->state));
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (unsigned char byte : canonical.digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

uint64_t hash64(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

} // namespace mpcrt
