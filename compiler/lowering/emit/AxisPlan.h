// How a tensor is cut into tiles when it is folded along some of its
// dimensions.
#ifndef MPC_COMPILER_LOWERING_EMIT_AXISPLAN_H
#define MPC_COMPILER_LOWERING_EMIT_AXISPLAN_H

#include "compiler/lowering/Emitter.h"

namespace mpc {

/// How a tensor is cut into tiles when it is folded along `reduced`.
struct AxisPlan {
  Shape shape;
  llvm::SmallVector<int64_t> kept, reduced; ///< dimensions, ascending
  /// Rows that a tile has side by side, and how far one is from the next: so
  /// far that all of them begin at the same place of a vector.
  int64_t together = 1, apart = 1;

  AxisPlan(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> axes,
           Grain grain);

  Shape extents(llvm::ArrayRef<int64_t> dimensions) const;
  /// Whether lanes run along a kept dimension: the last, if it has more than
  /// one element. Else they run along the last dimension that is reduced.
  bool byColumns() const;
  /// How many elements are folded into one.
  int64_t length() const { return elementCount(extents(reduced)); }
  /// The length of what is reduced along the last dimension, else 1.
  int64_t rowLength() const;
  int64_t outputs() const { return elementCount(extents(kept)); }
  int64_t columns() const { return byColumns() ? shape.back() : 1; }
  int64_t columnsPerTile() const;
  int64_t columnTiles() const;
  int64_t rows() const { return outputs() / columns(); }
  int64_t rowsPerTile() const;
  int64_t tiles() const;
  /// The rows of a tile that has whole ones. Where there are less than
  /// `together`, the first stands in for the others.
  llvm::SmallVector<mlir::Value> rowsOf(TileKernel &k, mlir::Value tile) const;
  /// The threads of a GPU that fold one output.
  TeamShape team() const;

private:
  Grain grain;
};

} // namespace mpc

#endif
