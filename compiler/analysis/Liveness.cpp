#include "compiler/analysis/Liveness.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace mpc;

ArenaLayout mpc::layOutArena(llvm::ArrayRef<LiveBlock> blocks,
                             int64_t alignment) {
  auto order = llvm::to_vector(llvm::seq<size_t>(0, blocks.size()));
  llvm::sort(order, [&](size_t a, size_t b) {
    return std::pair(-blocks[a].bytes, a) < std::pair(-blocks[b].bytes, b);
  });

  ArenaLayout layout;
  layout.offsets.resize(blocks.size());
  llvm::SmallVector<size_t> placed; // by offset
  for (size_t i : order) {
    int64_t offset = 0;
    for (size_t other : placed) {
      bool together = blocks[i].first <= blocks[other].last &&
                      blocks[other].first <= blocks[i].last;
      if (!together)
        continue;
      if (layout.offsets[other] >= offset + blocks[i].bytes)
        break; // fits before this one, and all others lie further up
      int64_t end = layout.offsets[other] + blocks[other].bytes;
      offset = std::max(offset, int64_t(llvm::alignTo(end, alignment)));
    }
    layout.offsets[i] = offset;
    layout.bytes = std::max(layout.bytes, offset + blocks[i].bytes);
    auto position = llvm::partition_point(
        placed, [&](size_t other) { return layout.offsets[other] <= offset; });
    placed.insert(position, i);
  }
  return layout;
}
