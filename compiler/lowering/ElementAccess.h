// Elements of a kernel body's values, on demand. An emitter reads its root's
// operands through load() and hands its root's results to store(); casts and
// other elementwise ops before and after the root then come for free, with the
// rounding that the IR asks for.
#ifndef MPC_COMPILER_LOWERING_ELEMENTACCESS_H
#define MPC_COMPILER_LOWERING_ELEMENTACCESS_H

#include "compiler/lowering/ElementMemory.h"
#include "llvm/ADT/DenseMap.h"
#include <utility>

namespace mpc {

/// Whether all that `value` is computed from in its kernel has its shape or is
/// the same in all elements.
bool isFlat(mlir::Value value);

/// Whether something of this shape is one row that is beside all rows of
/// another, such as a norm's scale.
bool isBesideAllRows(llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<int64_t> rows);

/// Reads and writes elements of a kernel body.
///
/// Elements are f32 for every float type (widened exactly); integers keep their
/// type. With `lanes` > 1 an element is a vector of that many consecutive
/// elements along the last dimension, which must lie inside it.
class ElementAccess {
public:
  /// `inputs` and `results` are memrefs of memoryType, one per block argument
  /// and per yielded value. Inserts loads of one-element operands at `b`, so
  /// the insertion point must dominate all uses.
  ElementAccess(mlir::OpBuilder &b, KernelOp kernel, mlir::Operation *root,
                mlir::ValueRange inputs, mlir::ValueRange results);

  /// The element of `value` at `indices` (one per dimension of `value`).
  /// `value` is a block argument, a splat constant, or computed from such by
  /// elementwise ops and expand_rows; never one that depends on the root.
  mlir::Value load(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value,
                   mlir::ValueRange indices, int64_t lanes = 1);

  /// The element at a row-major position of `value`, which isFlat() accepts.
  mlir::Value loadFlat(mlir::OpBuilder &b, mlir::Location loc,
                       mlir::Value value, mlir::Value position,
                       int64_t lanes = 1);

  /// Writes every yielded value that depends on just these results of the root
  /// at `indices`. The elements are f32 before rounding: this rounds them to
  /// the root's result types, computes the epilogue and stores. A root with
  /// results of different shapes calls this once per shape.
  void store(mlir::OpBuilder &b, mlir::Location loc,
             llvm::ArrayRef<std::pair<mlir::Value, mlir::Value>> rootElements,
             mlir::ValueRange indices, int64_t lanes = 1);

  /// Says that from here on vectors start at multiples of their lanes along the
  /// last dimension, so that rows of whole vectors are read and written
  /// aligned.
  void assumeWholeVectors() { areWhole = true; }

  /// Says that from here on vectors start at multiples of their lanes among all
  /// elements of this shape, which may be anywhere in a row: so they are
  /// aligned where memory has that shape. Ends with an empty shape.
  ///
  /// With `begin`, an index, they also start a multiple of their lanes, which 4
  /// divides, behind it in each row, and end before as many lanes are left.
  /// What is the same beside every row is then read aligned too, and shifted.
  void assumeVectorsAmongAll(llvm::ArrayRef<int64_t> shape,
                             mlir::Value begin = {}) {
    amongAll.assign(shape.begin(), shape.end());
    beginInRow = begin;
  }

  /// Says that from here on vectors that are stored are not read again while
  /// they could be in a cache.
  void streamResults() { isStreaming = true; }

  /// The memref behind `value` if it is a block argument, else null; for
  /// emitters with a faster way to read whole rows.
  mlir::Value memoryOf(mlir::Value value) const;

  /// Merges neighbouring dimensions, for kernels without a root. Every value's
  /// shape, filled up with leading ones to `rank`, is either full or 1 in all
  /// dimensions of a group at once. From here on each value has one dimension
  /// per group.
  void mergeDimensions(mlir::OpBuilder &b, mlir::Location loc,
                       llvm::ArrayRef<llvm::SmallVector<int64_t>> groups,
                       int64_t rank);

private:
  using Memo = llvm::DenseMap<mlir::Value, mlir::Value>;
  /// What expand_rows reads: its rows as a matrix, and where they are.
  struct ExpandedMemory {
    mlir::Value rows, first;
  };

  void prepare(mlir::OpBuilder &b, mlir::Location loc);
  bool dependsOnlyOn(mlir::Value value, const Memo &rootElements) const;
  Shape viewShape(mlir::Value value) const;
  llvm::MaybeAlign alignment(mlir::Value memory, int64_t lanes) const;
  mlir::Value flatMemory(mlir::Value argument);
  mlir::Value evaluate(mlir::OpBuilder &b, mlir::Location loc,
                       mlir::Value value, mlir::ValueRange indices,
                       int64_t lanes, Memo &memo);
  mlir::Value loadExpanded(mlir::OpBuilder &b, mlir::Location loc,
                           ExpandRowsOp op, mlir::ValueRange indices,
                           int64_t lanes);
  void evaluateOp(mlir::OpBuilder &b, mlir::Location loc, mlir::Operation *op,
                  mlir::ValueRange indices, int64_t lanes, Memo &memo);

  KernelOp kernel;
  mlir::Operation *root;
  Memo memory;                                 ///< block argument -> memref
  llvm::SmallVector<mlir::Value> resultMemory; ///< per yielded value
  Memo uniform;                                ///< one-element values
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Value>> prepared;
  llvm::DenseMap<mlir::Operation *, ExpandedMemory> expanded;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value>> rootSources;
  llvm::SmallVector<llvm::SmallVector<int64_t>> merged;
  int64_t mergedRank = -1;
  Memo flat; ///< block argument -> 1-D memref
  bool isFlatNow = false;
  bool areWhole = false, isStreaming = false;
  Shape amongAll;
  mlir::Value beginInRow;
};

} // namespace mpc

#endif
