// Loops over all elements of a tensor, for kernels in which every value has its
// shape, broadcasts to it, or is a scalar.
#ifndef MPC_COMPILER_LOWERING_EMIT_ELEMENTGRID_H
#define MPC_COMPILER_LOWERING_EMIT_ELEMENTGRID_H

#include "compiler/lowering/Emitter.h"

namespace mpc {

/// `rows` index tuples outside, `columns` contiguous elements inside, cut into
/// tiles along the longer of the two. Neighbouring dimensions are one loop
/// where that changes nothing.
class ElementGrid {
public:
  ElementGrid(KernelOp kernel, llvm::ArrayRef<int64_t> space);

  int64_t tiles() const;

  /// `position` is the row-major position of the first element.
  using Body = llvm::function_ref<void(mlir::ValueRange indices,
                                       mlir::Value position, int64_t lanes)>;
  /// Merges the dimensions of the kernel's values and calls `body` for all
  /// elements of this call's tiles, in vectors of at most `most`.
  void forElements(TileKernel &k, Body body, int64_t most = vectorLanes) const;
  static constexpr int64_t vectorLanes = 8;
  /// Whether steps of `lanes`, a power of two, start at multiples of `block`
  /// and leave little over.
  bool suits(int64_t lanes, int64_t block) const;
  /// Indices of a one-element value after that.
  llvm::SmallVector<mlir::Value> origin(TileKernel &k) const;

  const int64_t elementsPerTile; ///< at most; a multiple of 4

private:
  int64_t columnTiles() const;

  int64_t rank;
  llvm::SmallVector<llvm::SmallVector<int64_t>> groups;
  Shape outer; ///< merged dimensions but the last
  int64_t rows = 1, columns = 1, rowsPerTile = 1, columnsPerTile = 1;
};

} // namespace mpc

#endif
