// The frame that the GPU's matrix products and convolutions share: which block
// computes which tile of the result over which part of the depth, and how the
// sums of a tile get from shared memory through the epilogue into the results.
//
// Where the result has too few tiles for the machine, its depth is cut into
// parts. Every part writes its sums to a workspace, and a second phase adds
// them with a team of threads per sum, of one where the sum is to be a CPU's:
//
//   sum of a thread = 0 + its parts, ascending: every team-th one
//   sum = the threads' sums in their order
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_GEMMGRID_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_GEMMGRID_H

#include "compiler/lowering/emit/GemmProblem.h"
#include "compiler/lowering/emit/gpu/ThreadBuilder.h"
#include "compiler/lowering/gpu/GpuEmitter.h"
#include "llvm/Support/Alignment.h"
#include <functional>

namespace mpc {

struct GemmGrid {
  int64_t rows, columns; ///< of the result, per block
  int64_t threads;       ///< of a block
  int64_t parts = 1;     ///< of the depth
  int64_t partDepth;     ///< of all but the last
  /// Whether the parts are added one after another, as on a CPU.
  bool isOrdered = false;

  int64_t rowTiles(const GemmExtents &p) const;
  int64_t columnTiles(const GemmExtents &p) const;
  /// Elements from one row of the tile to the next in shared memory: 8 more
  /// than there are, so that rows start in different banks.
  int64_t pitch() const { return columns + 8; }
  /// Threads that add the parts of one sum.
  int64_t addingTeam() const;
  int64_t tileBytes() const { return rows * pitch() * 4; }

  /// [parts, batches, m, n] of f32, or nothing if there is one part.
  llvm::SmallVector<mlir::MemRefType>
  workspaces(const GemmExtents &p, mlir::MLIRContext *context) const;
  /// The products, and where there are parts the phase that adds them; `lanes`
  /// are GemmResult's.
  llvm::SmallVector<GpuPhase> phases(const GemmExtents &p, int64_t sharedBytes,
                                     int64_t lanes) const;
};

/// What becomes of finished sums.
struct GemmResult {
  int64_t lanes; ///< neighbours in a row that are written at once; divides n
  std::function<void(ThreadBuilder &b, mlir::Value sum, mlir::Value batch,
                     mlir::Value row, mlir::Value column)>
      write;
};

/// Elements of a row of the results that one thread writes at once: 16 bytes if
/// one is narrow and `row` elements are whole accesses.
int64_t outputLanes(KernelOp kernel, int64_t row);
/// alpha * sum + beta * C, and the epilogue, in at most so many lanes.
GemmResult resultOf(GpuKernel &kernel, const GemmProblem &problem,
                    int64_t most = 8);

/// Where a block works: its tile's first row and column, and its part.
struct GemmPlace {
  mlir::Value batch, row, column, part;
};

/// First depth of one of `parts` of `partDepth` and the end of it, of `depth`
/// depths in all.
std::pair<mlir::Value, mlir::Value>
depthsOfPart(ThreadBuilder &b, mlir::Value part, int64_t parts,
             int64_t partDepth, int64_t depth);

/// The code around the sums of one kernel.
class GemmFrame {
public:
  GemmFrame(GpuKernel &kernel, const GemmExtents &extents, const GemmGrid &grid,
            GemmResult result);

  GemmPlace place();

  /// Writes out the tile of sums that lies in shared memory. `thread` counts to
  /// `threads`; they all come here, after a barrier.
  void writeTile(const GemmPlace &place, mlir::Value thread, int64_t threads);
  /// Emits the phase that adds the parts.
  void addParts();

  /// All of a kernel in which all threads compute the sums: `emitSums` puts
  /// those of depths [first, end) into shared memory.
  using EmitSums = llvm::function_ref<void(const GemmPlace &place,
                                           mlir::Value first, mlir::Value end)>;
  void emit(EmitSums emitSums);

  ThreadBuilder b;

private:
  using Values = ThreadBuilder::Values;

  /// Of the sums at (batch, row, column) one part, and those that are thread
  /// `rank`'s to add.
  llvm::MaybeAlign partAlignment() const;
  mlir::Value loadPart(mlir::Value part, mlir::ValueRange at);
  mlir::Value sumParts(mlir::Value rank, mlir::ValueRange at);

  GpuKernel &k;
  const GemmExtents &extents;
  const GemmGrid &grid;
  GemmResult result;
};

/// Whether the numbers of the product fit what the emitters compute with: i32
/// for indices and blocks.
bool isGridPossible(const GemmExtents &extents);

} // namespace mpc

#endif
