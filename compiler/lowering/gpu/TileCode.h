// GPU code of what a TileEmitter makes: a team of threads per tile.
#ifndef MPC_COMPILER_LOWERING_GPU_TILECODE_H
#define MPC_COMPILER_LOWERING_GPU_TILECODE_H

#include "compiler/lowering/KernelPlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mpc {

/// The dynamic shared memory of an image, aligned to 1024 bytes.
inline constexpr llvm::StringLiteral sharedName = "dynamic_shared";
/// !llvm.ptr<3>: where it begins.
mlir::Value sharedMemory(mlir::OpBuilder &b, mlir::Location loc);
/// index: the number of this block, of `blocks` along the first dimension.
mlir::Value blockNumber(mlir::OpBuilder &b, mlir::Location loc, int64_t blocks);

/// Bytes of the values' elements; those of i1 count as bits.
int64_t bytesOf(mlir::ValueRange values);

/// The team of each phase; none for a kernel that has a GpuEmitter of its own,
/// that writes nothing or that is a group.
std::optional<llvm::SmallVector<TeamShape>> tileTeams(KernelOp kernel);

/// Whether tiles of both can be in one launch: teams within a warp fit blocks
/// of any size.
bool shareBlocks(TeamShape a, TeamShape b);

/// Threads of a block for teams of this shape that have `threads` in all.
int64_t blockThreads(TeamShape shape, int64_t threads);

/// One phase of a kernel, cut into blocks.
struct TilePhase {
  KernelOp kernel;
  int64_t phase;
  int64_t tiles;
  TeamShape team;
  int64_t threads;       ///< of a block
  int64_t perThread = 1; ///< tiles of a thread, a block's teams apart
  int64_t resident = 1;  ///< blocks that a multiprocessor should have room for

  int64_t teams() const { return threads / team.size; }
  int64_t blocks() const {
    return llvm::divideCeil(tiles, teams() * perThread) * team.blocks;
  }
};

/// A phase of `tiles` of a kernel that is launched alone.
TilePhase tilePhase(KernelOp kernel, int64_t phase, int64_t tiles);

/// The parameters that the code works on.
struct TileBuffers {
  mlir::ValueRange inputs, results, workspaces;
  mlir::Value block; ///< index: which one of blocks()
};

/// Emits what a thread of block `buffers.block` does into `function`, at the
/// builder, which stands before the return of its only block.
mlir::LogicalResult emitTiles(mlir::OpBuilder &b, mlir::func::FuncOp function,
                              TilePhase tiles, const TileBuffers &buffers);

} // namespace mpc

#endif
