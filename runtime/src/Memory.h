// Buffers that kernels may use: aligned, zeroed, allocated once.
#ifndef MPC_RUNTIME_SRC_MEMORY_H
#define MPC_RUNTIME_SRC_MEMORY_H

#include "runtime/artifact/Manifest.h"

#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace mpcrt {

/// Memory aligned to bufferAlignment; even an empty one has an address.
class AlignedBuffer {
public:
  AlignedBuffer() = default;
  /// Throws std::bad_alloc.
  explicit AlignedBuffer(size_t bytes)
      : address(operator new(bytes ? bytes : 1, alignment)), length(bytes) {
    std::memset(address, 0, bytes);
  }
  AlignedBuffer(AlignedBuffer &&other) noexcept { swap(other); }
  AlignedBuffer &operator=(AlignedBuffer &&other) noexcept {
    swap(other);
    return *this;
  }
  ~AlignedBuffer() { operator delete(address, alignment); }

  void *data() { return address; }
  const void *data() const { return address; }
  size_t size() const { return length; }

private:
  static constexpr std::align_val_t alignment{size_t(bufferAlignment)};

  void swap(AlignedBuffer &other) {
    std::swap(address, other.address);
    std::swap(length, other.length);
  }

  void *address = nullptr;
  size_t length = 0;
};

inline bool isAligned(const void *pointer) {
  return reinterpret_cast<uintptr_t>(pointer) % size_t(bufferAlignment) == 0;
}

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_MEMORY_H
