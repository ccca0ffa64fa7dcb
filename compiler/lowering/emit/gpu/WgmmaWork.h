// Which tiles of a product a block computes, and in which order.
//
// There are no more blocks than run at the same time. A worker is a cluster of
// blocks; worker w of n has items w, w + n, and so on, and an item is a tile
// for each block of the cluster, or parts of one. Items go down eight rows of
// tiles before they go on to the next column, so that what workers read at the
// same time is as near to a square as can be, and mostly in the cache.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_WGMMAWORK_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_WGMMAWORK_H

#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/WgmmaTiles.h"

namespace mpc {

struct WgmmaWork {
  GemmExtents extents;
  WgmmaTile tile;

  int64_t columnTiles() const;
  /// Rows of items: of as many tiles as blocks share columns.
  int64_t rowItems() const;
  int64_t items() const;
  int64_t workers() const;
  int64_t blocks() const { return workers() * tile.cluster(); }

  /// Where block `rank` of a cluster works on an item.
  GemmPlace place(ThreadBuilder &b, mlir::Value item, mlir::Value rank) const;
  /// First depth of the place's part and the end of it.
  std::pair<mlir::Value, mlir::Value> depths(ThreadBuilder &b,
                                             const GemmPlace &place) const;
  /// Whether no tile reaches over the edge of the result.
  bool isWhole() const;

private:
  std::pair<mlir::Value, mlir::Value> cell(ThreadBuilder &b,
                                           mlir::Value item) const;
};

} // namespace mpc

#endif
