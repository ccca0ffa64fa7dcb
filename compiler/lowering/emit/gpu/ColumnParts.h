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

/// What is summed.
struct Columns {
  int64_t rows, columns;
  int64_t lanes; ///< neighbouring columns that are read at once; divide all
  int64_t width; ///< columns that are 16 bytes
  llvm::SmallVector<int64_t> read; ///< bits of each element of a row's column
  int64_t sums = 1;                ///< of each column
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

  int64_t parts() const;
  int64_t strips() const;
  int64_t columnsOfStrip() const { return side * vectors * lanes; }
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
  Values columnsOfThread(Value first);
  Values loadOf(Value row, Value column);
  void storeOf(Value part, Value column, mlir::ValueRange totals);
  Values addRows(mlir::ValueRange sums, Value first, Value end,
                 mlir::ValueRange columns, bool areThere);
  Values ofThread(Value part, mlir::ValueRange columns);
  Values joinWarp(mlir::ValueRange sums);
  Value place(Value entry, int64_t sum, Value column);
  void share(mlir::ValueRange sums);
  void finish(Value part, Value begin, Value first);
  Values totals(Value column);

  const llvm::SmallVector<ColumnStrips> phases;
  const size_t phase;
  const ColumnStrips &plan;
};

} // namespace mpc

#endif
