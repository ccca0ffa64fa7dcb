// The elements of a tensor as rows along its last dimension, cut into tiles:
// for emitters that may compute their result's elements in any order.
#ifndef MPC_COMPILER_LOWERING_EMIT_ROWS_H
#define MPC_COMPILER_LOWERING_EMIT_ROWS_H

#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/LoopBuilder.h"

namespace mpc {

/// Lanes where elements are contiguous on both sides.
inline constexpr int64_t rowLanes = 8;

/// A tile is some whole rows, or a part of one long row.
struct Rows {
  llvm::ArrayRef<int64_t> shape;
  int64_t rows, columns, rowsPerTile, columnsPerTile;

  Rows(llvm::ArrayRef<int64_t> shape, int64_t tileElements);
  int64_t columnTiles() const;
  /// 0 for a tensor without elements.
  int64_t tiles() const;
};

/// Calls body(outer, begin, end) for each row of tiles `first` to `last`: the
/// indices of all dimensions but the last, and a range of the last one. A
/// tensor of rank 0 is a row of one element.
void forRows(
    LoopBuilder &b, const Rows &rows, mlir::Value first, mlir::Value last,
    llvm::function_ref<void(mlir::ValueRange, mlir::Value, mlir::Value)> body);

/// Calls body(at, lanes) for all elements of those tiles, with up to `lanes`
/// lanes along the last dimension.
void forElements(
    LoopBuilder &b, const Rows &rows, mlir::Value first, mlir::Value last,
    int64_t lanes,
    llvm::function_ref<void(mlir::ValueRange at, int64_t lanes)> body);

/// The tiles of a kernel whose root's first result is taken as Rows of
/// `elements`, or of `singles`.
llvm::SmallVector<int64_t> resultTiles(KernelOp kernel);
llvm::SmallVector<int64_t> singleTiles(KernelOp kernel);

/// The element of `value` at `indices`.
inline mlir::Value elementOf(TileKernel &k, LoopBuilder &b, mlir::Value value,
                             mlir::ValueRange indices, int64_t lanes = 1) {
  return k.elements.load(b, k.loc, value, indices, lanes);
}
/// Writes the root's only result.
inline void storeResult(TileKernel &k, LoopBuilder &b, mlir::Value element,
                        mlir::ValueRange indices, int64_t lanes = 1) {
  k.elements.store(b, k.loc, {{k.root->getResult(0), element}}, indices, lanes);
}
/// A number of `element` type as arithmetic has it: f32 for every float.
mlir::Value numberOf(LoopBuilder &b, mlir::Type element, double value,
                     int64_t lanes = 1);

/// The row that element `at` of `indices` means: below 0 it counts from the
/// end, and what lies outside then is the nearest inside.
mlir::Value rowOf(TileKernel &k, LoopBuilder &b, mlir::Value indices,
                  mlir::ValueRange at, int64_t rows);
/// The indices of a row-major position.
llvm::SmallVector<mlir::Value> indicesOf(LoopBuilder &b, mlir::Value position,
                                         llvm::ArrayRef<int64_t> shape);

} // namespace mpc

#endif
