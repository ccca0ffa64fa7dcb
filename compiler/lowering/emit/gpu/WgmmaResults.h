// How the sums of a tile get from the registers of wgmma through the epilogue
// into the results.
//
// Lane l of a warp has, of each 8 columns, 2 (l mod 4) and the next of rows
// l / 4 and that plus 8: too little to write at once. So a warp turns its 16
// rows around in shared memory of its own, as many columns at a time as fill
// rows of 256 bytes there, and goes on with whole vectors, while other warps
// multiply and loads go on. Groups of 8 columns are permuted by row, so that
// neither way has lanes at the same banks.
//
// Or all of the tile's results stay there, rounded, while the next tile is
// multiplied: after each of its steps a warp goes on with some of them, and the
// tensor cores have the step's products to do meanwhile.
//
// Where blocks of a cluster have parts of the depth, they put their sums into
// the memory of their stages, and each adds a share of all.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_WGMMARESULTS_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_WGMMARESULTS_H

#include "compiler/lowering/emit/gpu/TensorCores.h"
#include "compiler/lowering/emit/gpu/WgmmaWork.h"

namespace mpc {

class WgmmaResults {
public:
  using Value = mlir::Value;
  using Values = ThreadBuilder::Values;

  /// `thread` counts from the first one that multiplies, `rank` is the block's
  /// in its cluster.
  WgmmaResults(GpuKernel &kernel, const GemmProblem &problem,
               const WgmmaWork &work, ThreadBuilder &b, Value thread,
               Value rank);

  /// Reads what is added to sums before they are rounded: best while the last
  /// products are computed.
  void fetchAdded(const GemmPlace &place);
  /// What a thread does with its sums; all those that multiply come here, those
  /// of a warp together.
  void write(const GemmPlace &place, mlir::ValueRange sums);

  // Where the tile keeps results, these are values that loops carry: where and
  // which there are that have not been written, and, until they are stored, the
  // results themselves.
  /// Of the start, and of a finished item.
  Values nothingKept();
  Values keep(const GemmPlace &place, mlir::ValueRange sums);
  /// Stores them in shared memory.
  Values storeKept(mlir::ValueRange kept);
  /// Writes so many that nothing is left after all steps of an item but one.
  Values writeSomeKept(mlir::ValueRange stored);
  /// Stores and writes all.
  void writeKept(mlir::ValueRange kept);

private:
  GpuKernel &k;
  const GemmProblem &problem;
  const WgmmaWork &work;
  const WgmmaTile &tile;
  ThreadBuilder &b;
  TensorCores cores;
  GemmResult result;
  mlir::Type
      staged; ///< what sums are, or results, while they are turned around
  Value thread, rank, warp, lane;
  Values added; ///< to pairs of columns

  int64_t stagedBytes() const;
  Value turned(Value row, Value group) const;
  int64_t turnedRowBytes() const;
  Values pairs(mlir::ValueRange sums, int64_t first, int64_t width);
  void turn(mlir::ValueRange pairs);
  Value pairOf(mlir::ValueRange sums, int64_t first);
  Value rounded(Value pair, int64_t inColumns);
  void writeChunk(const GemmPlace &place, Value chunk, int64_t first,
                  int64_t width);
  int64_t turns() const;
  void storeParts(mlir::ValueRange sums);
  void writeParts(const GemmPlace &place, mlir::ValueRange sums);
  Value addParts(Value chunk);
  void writeSum(const GemmPlace &place, Value inRow, Value inColumn, Value sum);
};

/// Whether what a thread has of the sums, two neighbours of a row at a time,
/// can become results of 16 bits before anything else is done.
bool areResultsNarrow(const GemmProblem &problem);

} // namespace mpc

#endif
