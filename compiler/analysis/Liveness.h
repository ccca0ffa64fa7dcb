// When the buffers of a flat list of kernels are in use.
#ifndef MPC_COMPILER_ANALYSIS_LIVENESS_H
#define MPC_COMPILER_ANALYSIS_LIVENESS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace mpc {

/// A block of memory and the kernels, first to last, that need it.
struct LiveBlock {
  int64_t bytes;
  int64_t first, last;
};

/// Where each block lies in one arena.
struct ArenaLayout {
  llvm::SmallVector<int64_t> offsets;
  int64_t bytes = 0; ///< size of the arena
};

/// Whether two blocks, by number, must not overlap although they do not live at
/// the same time.
using KeepApart = llvm::function_ref<bool(size_t, size_t)>;

/// Gives every block an offset, a multiple of `alignment`, such that blocks
/// that live at the same time do not overlap. Large blocks are placed first,
/// each at the lowest offset that is free during its life. The result depends
/// on the arguments alone.
ArenaLayout layOutArena(
    llvm::ArrayRef<LiveBlock> blocks, int64_t alignment,
    KeepApart keepApart = [](size_t, size_t) { return false; });

/// Which kernels of the list must wait for which, since values go from one to
/// the other; all others may run at the same time.
class KernelOrder {
public:
  explicit KernelOrder(size_t kernels)
      : before(kernels, llvm::BitVector(unsigned(kernels))) {}

  /// Kernel `later` waits for an earlier one, which already has all that it
  /// waits for itself.
  void add(size_t later, size_t earlier);
  /// Whether the kernel waits for all of `others`, directly or not.
  bool waitsForAll(size_t kernel, const llvm::BitVector &others) const {
    return !others.test(before[kernel]);
  }

private:
  llvm::SmallVector<llvm::BitVector> before;
};

/// The same for kernels that may run at the same time. A block that takes over
/// memory makes its first kernel wait for the `users` (a set of kernels for
/// each block) of the block that was there; unless it waits for them anyway, it
/// keeps to other memory until a number of kernels have passed. That is as
/// many, of the list's length and its halves, as the arena can hold without
/// growing by more than an eighth or 16 MiB, whichever is more.
ArenaLayout layOutConcurrentArena(llvm::ArrayRef<LiveBlock> blocks,
                                  llvm::ArrayRef<llvm::BitVector> users,
                                  const KernelOrder &order, int64_t alignment);

} // namespace mpc

#endif
