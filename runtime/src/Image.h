// Machine code of an artifact, mapped so that it can be called.
#ifndef MPC_RUNTIME_SRC_IMAGE_H
#define MPC_RUNTIME_SRC_IMAGE_H

#include "runtime/artifact/Status.h"

#include <cstddef>
#include <cstdint>

namespace mpcrt {

/// Runs tiles [firstTile, endTile) of a launch.
using KernelFunction = void (*)(void *const *buffers, int64_t firstTile,
                                int64_t endTile);

/// Calls a kernel. UBSan looks for a description of the type in front of a
/// function that is called by pointer; an image has none.
#if defined(__clang__)
__attribute__((no_sanitize("function")))
#endif
inline void callKernel(KernelFunction kernel, void *const *buffers,
                       int64_t firstTile, int64_t endTile) {
  kernel(buffers, firstTile, endTile);
}

/// An executable copy of a position-independent image in anonymous memory. No
/// page is ever writable and executable at once.
class Image {
public:
  Image() = default;
  Image(Image &&other) noexcept;
  Image &operator=(Image &&other) noexcept;
  ~Image();

  /// Copies `size` bytes; the pages that hold the first `codeBytes` become
  /// readable and executable, the rest readable.
  static Result<Image> map(const void *bytes, size_t size, size_t codeBytes);

  /// The kernel at `offset`, which must be below codeBytes.
  KernelFunction kernel(int64_t offset) const;

private:
  std::byte *address = nullptr;
  size_t length = 0;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_IMAGE_H
