// How the code of a kernel is made of tiles: one TileEmitter per root op, for
// every target.
//
// A kernel becomes one function per phase, over static row-major memrefs of its
// inputs, results and workspaces. Tiles of a phase are independent: any order,
// any thread, and the numbers do not depend on it. Phases run one after another
// with a barrier between them, so partial results go from one to the next
// through workspaces. Partitions are fixed at compile time; how large a tile is
// depends on the target alone. A CPU runs a range of tiles per call; on a GPU a
// tile is run by a team of threads, often of one.
//
// Where clusters of a GPU take rows while they run (emit/StreamedRows.h) a tile
// is such a cluster. All tiles of the phase have to run then, in any order.
//
// Emitted code allocates nothing (small memref.alloca at the function's entry
// is fine), calls nothing and sets no fast-math flags: every fused multiply-add
// is a math.fma that the emitter wrote. Arithmetic is in f32.
#ifndef MPC_COMPILER_LOWERING_EMITTER_H
#define MPC_COMPILER_LOWERING_EMITTER_H

#include "compiler/analysis/Target.h"
#include "compiler/lowering/ElementAccess.h"
#include "compiler/lowering/ScalarOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <functional>

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace mpc {

/// How much work a tile is: on a CPU enough to hide the cost of handing it out,
/// on a GPU as little as keeps neighbouring threads at neighbouring elements.
struct Grain {
  int64_t elements; ///< that lanes share, of elementwise work and of moves
  int64_t singles;  ///< elements one by one
  int64_t reads;    ///< of a reduction
  int64_t columns;  ///< that a reduction over rows walks side by side
  int64_t labels;   ///< positions of a loss
};
/// The grain of the target that the kernel around or at `op` is lowered for.
Grain grainOf(mlir::Operation *op);

/// The elements that neighbouring threads of a GPU have side by side: 8, which
/// are 16 bytes of a narrow type, or 4 if the kernel reads and writes none. 8
/// of f32 would be two accesses, by each of which a warp writes every other 16
/// bytes, at half the speed.
int64_t accessLanes(KernelOp kernel);

/// The threads of a GPU that run one tile. Where `columns` is more than 1, that
/// many tiles are run side by side, so that neighbouring threads are at
/// neighbouring tiles.
struct TeamShape {
  int64_t size = 1; ///< 1, or a multiple of 32 if not in columns
  int64_t columns = 1;
  int64_t blocks = 1; ///< of a cluster that share a tile, `size` threads each
  int64_t heldBytes =
      0; ///< of shared memory for its elements, behind its slots
  int64_t threadBytes = 8; ///< of shared memory for a thread, if in columns
  int64_t joined = 1;      ///< values that it joins at once, if not in columns
  int64_t registers = 0;   ///< that a thread needs, if that is known
};

/// A team at work; on a CPU there is one thread in it.
struct Team : TeamShape {
  mlir::Value rank;   ///< index: this thread among the team's in this block
  mlir::Value block;  ///< index: this block among the team's; null if it is one
  mlir::Value column; ///< index: this team among those side by side
  mlir::Value shared; ///< !llvm.ptr<3>: teamBytes of it
};

/// The shared memory that a block needs to join its teams' values, and where
/// what its team holds begins behind that.
int64_t slotBytes(TeamShape shape);
/// The same with what it holds.
int64_t teamBytes(TeamShape shape);

/// Everything an emitter needs while it emits one phase of a kernel. The
/// builder stands at the end of the function's entry block, before its return.
struct TileKernel {
  mlir::OpBuilder &b;
  mlir::Location loc;
  KernelOp kernel;
  mlir::Operation *root; ///< null in kernels of elementwise ops alone
  int64_t phase;
  llvm::SmallVector<mlir::Value> workspaces; ///< memrefs as asked for
  mlir::Value firstTile, endTile;            ///< index
  ElementAccess &elements;
  Team team = {};
  int64_t tileStep = 1; ///< from one tile of this call to the next

  using Body = llvm::function_ref<void(mlir::Value index)>;
  using LanesBody = llvm::function_ref<void(mlir::Value index, int64_t lanes)>;
  using FoldBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value index, mlir::ValueRange carried)>;

  /// Short for the same functions of `elements`, at the builder.
  mlir::Value load(mlir::Value value, mlir::ValueRange indices,
                   int64_t lanes = 1) {
    return elements.load(b, loc, value, indices, lanes);
  }
  void store(llvm::ArrayRef<std::pair<mlir::Value, mlir::Value>> rootElements,
             mlir::ValueRange indices, int64_t lanes = 1) {
    elements.store(b, loc, rootElements, indices, lanes);
  }

  /// Where global memory has that element of an input in row-major order:
  /// !llvm.ptr<1>. `value` is a block argument.
  mlir::Value addressOf(mlir::Value value, mlir::Value element);

  /// The function that is being emitted.
  mlir::func::FuncOp function() const;

  /// The same kernel, emitted through another builder.
  TileKernel with(mlir::OpBuilder &other) const {
    return {other,     loc,     kernel,   root, phase,   workspaces,
            firstTile, endTile, elements, team, tileStep};
  }

  mlir::Value index(int64_t value) { return indexConstant(b, loc, value); }
  /// A loop over the tiles of this call.
  void forTiles(Body body);
  /// for (i = lo; i < hi; i += step).
  void forRange(mlir::Value lo, mlir::Value hi, int64_t step, Body body);
  void forRange(int64_t lo, int64_t hi, int64_t step, Body body) {
    forRange(index(lo), index(hi), step, body);
  }
  /// lo <= i < hi in steps of `lanes`, then the rest one by one: `body` is
  /// emitted twice, the second time with 1 lane.
  void forLanes(mlir::Value lo, mlir::Value hi, int64_t lanes, LanesBody body);
  /// A loop that carries values; `body` returns their next ones.
  llvm::SmallVector<mlir::Value> fold(mlir::Value lo, mlir::Value hi,
                                      int64_t step, mlir::ValueRange init,
                                      FoldBody body);
  /// The same over this thread's share of lo..hi: every team-th group of
  /// `lanes`, which divide hi - lo.
  llvm::SmallVector<mlir::Value> foldShare(int64_t lo, int64_t hi,
                                           int64_t lanes, mlir::ValueRange init,
                                           FoldBody body);
  /// What all threads of the team have, joined in an order that is fixed.
  mlir::Value
  joinTeam(mlir::Value value,
           llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> join);
  /// The same of several values, of which join(i, x, y) joins number `i`;
  /// TeamShape::joined of them at once.
  using JoinValue =
      llvm::function_ref<mlir::Value(size_t i, mlir::Value, mlir::Value)>;
  llvm::SmallVector<mlir::Value> joinTeam(mlir::ValueRange values,
                                          JoinValue join);
  /// The same of the threads of this block alone.
  llvm::SmallVector<mlir::Value> joinBlock(mlir::ValueRange values,
                                           JoinValue join);
  /// Of a number that value of every block of a team, in their order, read
  /// where it is asked for.
  using OfBlocks = std::function<llvm::SmallVector<mlir::Value>(size_t i)>;
  /// What joinBlock() gives in each block of `values`, then `known`, which all
  /// threads of a block know.
  OfBlocks gatherBlocks(mlir::ValueRange values, JoinValue join,
                        mlir::ValueRange known = {});
  /// What comes before all that a team does.
  void beginTeam();
  /// What one thread of the team does for all.
  void once(llvm::function_ref<void()> body);
  /// A nest of loops over `extents` in row-major order that carries values.
  using NestBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::ValueRange indices, mlir::ValueRange carried)>;
  llvm::SmallVector<mlir::Value> foldShape(llvm::ArrayRef<int64_t> extents,
                                           mlir::ValueRange init,
                                           NestBody body);
  /// The end of the whole vectors in lo..hi.
  mlir::Value wholeLanes(mlir::Value lo, mlir::Value hi, int64_t lanes);

  /// Quotient and remainder of non-negative index arithmetic.
  std::pair<mlir::Value, mlir::Value> divide(mlir::Value x, int64_t y);
  mlir::Value times(mlir::Value x, int64_t y);
  /// The indices of a row-major position in `shape`.
  llvm::SmallVector<mlir::Value> split(mlir::Value position,
                                       llvm::ArrayRef<int64_t> shape);
  /// Combines lane 0 with lane 1, the result with lane 2, and so on.
  mlir::Value
  joinLanes(mlir::Value vector,
            llvm::function_ref<mlir::Value(mlir::Value, mlir::Value)> join);
  /// The lanes' sum, in order, of floats or integers.
  mlir::Value sumLanes(mlir::Value vector);
  /// first, first + 1, ... as i64, one per lane.
  mlir::Value laneNumbers(mlir::Value first, int64_t lanes);

  /// min(begin + size, limit) for the end of a block.
  mlir::Value blockEnd(mlir::Value begin, int64_t size, int64_t limit);
};

/// The code of kernels with one kind of root.
struct TileEmitter {
  /// The root op's name, such as "mpc.gemm".
  llvm::StringRef root;
  /// Number of tiles of each phase; depends on the kernel alone.
  llvm::SmallVector<int64_t> (*tiles)(KernelOp kernel);
  /// Scratch buffers that live through all phases, or null for none. Their
  /// content is undefined at the start.
  llvm::SmallVector<mlir::MemRefType> (*workspaces)(KernelOp kernel);
  /// Emits phase `kernel.phase`. Fails with a diagnostic on the kernel.
  mlir::LogicalResult (*emit)(TileKernel &kernel);
  /// The threads of a GPU that run a tile of a phase; null for one.
  TeamShape (*team)(KernelOp kernel, int64_t phase) = nullptr;
};

/// A team for tiles that fold `length` neighbouring elements. If there are more
/// than 1024, each thread has up to `ofThread` of them, or 1024 threads more.
TeamShape teamForRow(int64_t length, int64_t ofThread = 16);

/// The emitter for a kernel's `root` on a target, or null. The tables are in
/// emit/Emitters.cpp and emit/gpu/GpuEmitters.cpp.
const TileEmitter *findTileEmitter(llvm::StringRef root, Target target = {});

/// Whether no result has an element, so that the kernel needs no code.
bool writesNothing(KernelOp kernel);

} // namespace mpc

#endif
