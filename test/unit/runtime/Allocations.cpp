// Counts what the whole program takes from the heap with operator new.
#include "test/unit/runtime/Allocations.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

static std::atomic<long> count{0};

long mpcrt::test::allocations() { return count; }

static void *allocate(size_t bytes, size_t alignment) {
  ++count;
  size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void *address = std::aligned_alloc(alignment, rounded ? rounded : alignment);
  if (!address)
    throw std::bad_alloc();
  return address;
}

void *operator new(size_t bytes) {
  return allocate(bytes, alignof(std::max_align_t));
}
void *operator new(size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, size_t(alignment));
}
// The library's form is not said to call the one above; a sanitizer's does not.
void *operator new(size_t bytes, const std::nothrow_t &) noexcept {
  try {
    return operator new(bytes);
  } catch (const std::bad_alloc &) {
    return nullptr;
  }
}
void operator delete(void *address) noexcept { std::free(address); }
void operator delete(void *address, size_t) noexcept { std::free(address); }
void operator delete(void *address, std::align_val_t) noexcept {
  std::free(address);
}
void operator delete(void *address, size_t, std::align_val_t) noexcept {
  std::free(address);
}
