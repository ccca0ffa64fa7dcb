// The frame that the GPU's matrix products share: which block computes which
// tile of the result over which part of the depth, and how the sums of a tile
// get from shared memory through the epilogue into the results.
//
// Where the result has too few tiles for the machine, its depth is cut into
// parts. Every part writes its sums to a workspace, and a second phase adds
// them in order:
//
//   sum = 0; for part in parts, ascending: sum = sum + part
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_GEMMGRID_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_GEMMGRID_H

#include "compiler/lowering/emit/GemmProblem.h"
#include "compiler/lowering/emit/gpu/ThreadBuilder.h"
#include "compiler/lowering/gpu/GpuEmitter.h"

namespace mpc {

struct GemmGrid {
  int64_t rows, columns; ///< of the result, per block
  int64_t threads;       ///< of a block
  int64_t parts = 1;     ///< of the depth
  int64_t partDepth;     ///< of all but the last

  int64_t rowTiles(const GemmProblem &p) const;
  int64_t columnTiles(const GemmProblem &p) const;
  int64_t blocks(const GemmProblem &p) const;
  /// Elements from one row of the tile to the next in shared memory: 8 more
  /// than there are, so that rows start in different banks.
  int64_t pitch() const { return columns + 8; }
  int64_t tileBytes() const { return rows * pitch() * 4; }

  /// [parts, batches, m, n] of f32, or nothing if there is one part.
  llvm::SmallVector<mlir::MemRefType> workspaces(KernelOp kernel) const;
  /// The phase that adds the parts.
  GpuPhase addingPhase(KernelOp kernel) const;
};

/// Where a block works: its tile's first row and column, and its part.
struct GemmPlace {
  mlir::Value batch, row, column, part;
};

/// The code around the sums of one kernel.
class GemmFrame {
public:
  GemmFrame(GpuKernel &kernel, const GemmProblem &problem,
            const GemmGrid &grid);

  GemmPlace place();
  /// First depth of the place's part and the end of it.
  std::pair<mlir::Value, mlir::Value> depths(const GemmPlace &place);

  /// Writes out the tile of sums that lies in shared memory. `thread` counts to
  /// `threads`; they all come here, after a barrier.
  void writeTile(const GemmPlace &place, mlir::Value thread, int64_t threads);
  /// Emits addingPhase().
  void addParts();

  ThreadBuilder b;

private:
  void finish(mlir::Value sum, mlir::Value batch, mlir::Value row,
              mlir::Value column, int64_t lanes);

  GpuKernel &k;
  const GemmProblem &problem;
  const GemmGrid &grid;
};

/// Whether the numbers of the product fit what the emitters compute with: i32
/// for indices and blocks.
bool isGridPossible(const GemmProblem &problem);

/// Elements of a row of the results that one thread writes at once.
int64_t outputLanes(KernelOp kernel);

} // namespace mpc

#endif
