// Sums of the columns of a matrix on a GPU. A block has a strip of columns over
// one part of the rows; its threads are side by side at the columns, and teams
// of them at rows a team apart, several of which are on their way at a time. If
// there are several parts, their sums are a matrix too, whose columns a second
// phase adds in the same way.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_COLUMNPARTS_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_COLUMNPARTS_H

#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/LoopBuilder.h"

namespace mpc {

/// What is summed: the dimensions of a tensor from `axis` on are the columns,
/// those before it the rows.
struct Columns {
  Shape shape;
  int64_t axis;
  int64_t width;                   ///< columns that are 16 bytes
  llvm::SmallVector<int64_t> read; ///< bits of each element of a row's column
  int64_t sums = 1;                ///< of each column

  int64_t rows() const;
  int64_t columns() const;
  /// Neighbours that start at a multiple of as many, in each row.
  int64_t lanes() const;
};

/// The number of bits that an element of `value` is read as, in registers.
int64_t readBits(mlir::Value value);

/// How the blocks of a phase share the columns and rows.
struct ColumnStrips {
  int64_t rows, columns, sums;
  int64_t lanes;        ///< columns of a vector
  int64_t vectors = 1;  ///< of a thread, a row of all threads apart
  int64_t side = 1;     ///< threads side by side
  int64_t size = 1;     ///< threads of a team
  int64_t group = 1;    ///< rows of a thread that are on their way at a time
  int64_t partRows = 1; ///< rows of a part, but of the last one
  /// Not 0 where rows are not whole vectors. Row r of 50257 elements of f16
  /// then begins r % 8 elements into a vector, so that its vectors are as many
  /// columns before those of row 0; a team's thread is at rows with the same
  /// shift(). A strip has 248 of its 256 columns in all rows. That many columns
  /// at both ends of a row go one by one, as a strip of their own.
  int64_t edge = 0;

  int64_t parts() const;
  int64_t strips() const;
  int64_t columnsOfStrip() const { return side * vectors * lanes; }
  /// Those that it has in all rows, whatever their shift.
  int64_t ownColumns() const { return columnsOfStrip() - (edge ? lanes : 0); }
  int64_t shift(int64_t row) const { return edge ? row * columns % lanes : 0; }
  /// Whether there is a strip of as many columns; the last one then ends with
  /// the last column and may begin within the one before it.
  bool isWhole() const { return columns >= columnsOfStrip(); }
  int64_t rowsAtOnce() const { return size * group; }
  /// The teams of all blocks.
  int64_t tiles() const { return parts() * strips() * side; }
  TeamShape team() const;
};

/// One phase, or two where the rows are in parts.
llvm::SmallVector<ColumnStrips> stripsOf(const Columns &columns);
/// The sums of the parts, of shape [sums, parts, columns]; none for one part.
llvm::SmallVector<mlir::MemRefType> partSums(KernelOp kernel,
                                             const Columns &columns);

/// Emits one of those phases, into workspace 0 or by store().
class ColumnParts {
public:
  ColumnParts(TileKernel &kernel, const Columns &columns, size_t phase);
  virtual ~ColumnParts() = default;
  void run();

protected:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;

  /// What is read for `lanes` columns of a row.
  virtual Values load(Value row, Value column, int64_t lanes) = 0;
  /// What that adds to each sum.
  virtual Values terms(mlir::ValueRange loaded) { return Values(loaded); }
  virtual void store(Value column, mlir::ValueRange totals) = 0;

  LoopBuilder b;
  TileKernel k; ///< emits through `b`

private:
  void sumStrip(Value part, Value strip);
  void sumEdges(Value part);
  Value edgeColumn(Value number);
  Values columnsOfThread(Value first);
  Values loadOf(Value row, Value column);
  void storeOf(Value part, Value column, mlir::ValueRange totals);
  Value otherRow(Value begin);
  Values addRows(mlir::ValueRange sums, Value first, Value begin, Value end,
                 mlir::ValueRange columns, bool areThere);
  Values ofThread(Value part, mlir::ValueRange columns);
  Values joinWarp(mlir::ValueRange sums);
  Value place(Value entry, int64_t sum, Value column);
  void share(mlir::ValueRange sums);
  void finish(Value part, int64_t count,
              llvm::function_ref<Value(Value own)> columnOf,
              llvm::function_ref<Value(Value column)> isOwn);
  Values totals(Value own);

  const Columns of;
  const llvm::SmallVector<ColumnStrips> phases;
  const size_t phase;
  ColumnStrips plan; ///< of the code that is being emitted
};

} // namespace mpc

#endif
