#include "compiler/analysis/Liveness.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace mpc;

ArenaLayout mpc::layOutArena(llvm::ArrayRef<LiveBlock> blocks,
                             int64_t alignment, KeepApart keepApart) {
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
      if (!together && !keepApart(i, other))
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

void KernelOrder::add(size_t later, size_t earlier) {
  before[later] |= before[earlier];
  before[later].set(unsigned(earlier));
}

ArenaLayout mpc::layOutConcurrentArena(llvm::ArrayRef<LiveBlock> blocks,
                                       llvm::ArrayRef<llvm::BitVector> users,
                                       const KernelOrder &order,
                                       int64_t alignment) {
  ArenaLayout tight = layOutArena(blocks, alignment);
  constexpr int64_t little = 16 << 20;
  const int64_t most = tight.bytes + std::max(tight.bytes / 8, little);
  int64_t kernels = 0;
  for (const LiveBlock &block : blocks)
    kernels = std::max(kernels, block.last);
  for (int64_t reach = kernels; reach > 0; reach /= 2) {
    auto keepApart = [&](size_t a, size_t b) {
      if (blocks[b].first < blocks[a].first)
        std::swap(a, b);
      return blocks[b].first - blocks[a].last <= reach &&
             !order.waitsForAll(size_t(blocks[b].first), users[a]);
    };
    ArenaLayout layout = layOutArena(blocks, alignment, keepApart);
    if (layout.bytes <= most)
      return layout;
  }
  return tight;
}
