// The one main loop of all products with mma.sync. A ring of stages in shared
// memory holds the operands of successive steps: while the warps multiply one,
// the loaders bring the one that is stages - 1 later to the stage that was read
// before. A warp owns warpRows x warpColumns sums.
//
// Of a step, mma.sync adds 16 depths at a time to f32 sums, ascending.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_MMAPRODUCT_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_MMAPRODUCT_H

#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/MmaLoaders.h"

namespace mpc {

/// Blocks of one tile.
struct MmaGrid : GemmGrid {
  MmaTile tile;

  explicit MmaGrid(const MmaTile &tile)
      : GemmGrid{tile.rows, tile.columns, tile.threads(), tile.parts,
                 tile.partDepth},
        tile(tile) {}
  /// The operands' ring, then the sums.
  int64_t sharedBytes() const {
    return std::max(tile.stages * tile.stageBytes(), tileBytes());
  }
};

class MmaProduct {
public:
  using Value = mlir::Value;

  /// `shared` has room for tile.stages * tile.stageBytes(). Both operands are
  /// of `element`, f16 or bf16.
  MmaProduct(ThreadBuilder &b, const MmaTile &tile, mlir::Type element,
             Value shared, MmaLoader &left, MmaLoader &right);

  /// Sums over depths [first, end) and writes them to shared memory, as f32
  /// with `pitch` elements from row to row, in place of the operands. A barrier
  /// must follow.
  void run(Value first, Value end, int64_t pitch);

private:
  using Values = ThreadBuilder::Values;

  /// What both loaders hold in registers.
  struct Held {
    Values left, right;
  };
  Held start(Value depth, Value isStep, Value stage);
  void finish(const Held &held, Value stage);
  Value leftOf(Value stage);
  Value rightOf(Value stage);

  void fillRing(Value first, Value end);
  Values sum(Value first, Value end);
  Values multiply(Value stage, mlir::ValueRange sums);
  void writeSums(mlir::ValueRange sums, int64_t pitch);
  size_t sumIndex(int64_t rows16, int64_t columns8) const;

  /// The 16 x 16 pieces of one operand that a warp multiplies.
  struct Pieces {
    MmaLayout layout;
    Values places; ///< of the first ones, in shared memory from `layout` on
  };
  Pieces pieces(const MmaLayout &layout, Value warpAt, int64_t warpWidth);
  TensorCores::Fragment load(const Pieces &pieces, Value operand, int64_t piece,
                             int64_t slice);

  ThreadBuilder &b;
  TensorCores cores;
  const MmaTile &tile;
  mlir::Type element;
  Value shared;
  MmaLoader &left, &right;
  Value lane, warpRow, warpColumn;
  Pieces leftPieces, rightPieces;
};

} // namespace mpc

#endif
