// When the buffers of a flat list of kernels are in use.
#ifndef MPC_COMPILER_ANALYSIS_LIVENESS_H
#define MPC_COMPILER_ANALYSIS_LIVENESS_H

#include "llvm/ADT/ArrayRef.h"
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

/// Gives every block an offset, a multiple of `alignment`, such that blocks
/// that live at the same time do not overlap. Large blocks are placed first,
/// each at the lowest offset that is free during its life. The result depends
/// on the arguments alone.
ArenaLayout layOutArena(llvm::ArrayRef<LiveBlock> blocks, int64_t alignment);

} // namespace mpc

#endif
