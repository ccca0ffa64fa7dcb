// Kernels that move elements without computing anything: slices, gathers,
// concatenations. On a CPU a tile is some rows. On a GPU it is 256 neighbours
// for a warp: a vector per thread where both sides are whole vectors, else
// every 32nd element, so that neighbouring threads are at neighbours.
#ifndef MPC_COMPILER_LOWERING_EMIT_MOVES_H
#define MPC_COMPILER_LOWERING_EMIT_MOVES_H

#include "compiler/lowering/emit/Rows.h"

namespace mpc {

class Moves {
public:
  /// Walks the elements of `shape`. Vectors lie along its last dimension if
  /// that `isContiguous` on the other side too; `extents` are the lengths of
  /// rows and the places in them that vectors on a GPU must divide.
  Moves(KernelOp kernel, llvm::ArrayRef<int64_t> shape, bool isContiguous,
        llvm::ArrayRef<int64_t> extents);

  int64_t tiles() const;
  /// Calls body(at, lanes) for all elements of those tiles.
  void forElements(
      TileKernel &k, LoopBuilder &b, mlir::Value first, mlir::Value end,
      llvm::function_ref<void(mlir::ValueRange at, int64_t lanes)> body) const;
  void forElements(
      TileKernel &k, LoopBuilder &b,
      llvm::function_ref<void(mlir::ValueRange at, int64_t lanes)> body) const {
    forElements(k, b, k.firstTile, k.endTile, body);
  }

private:
  Rows rows;
  bool isGpu;
  int64_t lanes;

  int64_t elements() const { return rows.rows * rows.columns; }
};

/// The team of all such kernels.
TeamShape moveTeam(KernelOp kernel, int64_t phase);

} // namespace mpc

#endif
