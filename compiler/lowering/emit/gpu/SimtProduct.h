// The main loop of products in true f32, without tensor cores.
//
// A block walks the depth in steps; both operands of a step lie in shared
// memory as f32, depth first, twice: while the threads multiply one step, the
// next is on its way through registers. A thread owns threadRows x
// threadColumns sums, in groups of at most 4 neighbours so that it reads its
// operands 16 bytes at a time.
//
// Products are added by fma, ascending, inside of blocks of productDepth, and
// the blocks' sums are added in order (MatrixProduct.h). A depth that is cut
// into parts is cut into these blocks.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_SIMTPRODUCT_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_SIMTPRODUCT_H

#include "compiler/lowering/emit/MatrixProduct.h"
#include "compiler/lowering/emit/gpu/GemmGrid.h"
#include "compiler/lowering/emit/gpu/OperandSource.h"
#include "compiler/lowering/emit/gpu/SimtTiles.h"

namespace mpc {

class SimtProduct {
public:
  using Value = mlir::Value;

  /// Elements that the sources read at once.
  static constexpr int64_t chunk = 4;

  /// `shared` has room for sharedBytes(tile).
  SimtProduct(ThreadBuilder &b, const SimtTile &tile, Value shared,
              OperandSource left, OperandSource right);
  static int64_t sharedBytes(const SimtTile &tile) {
    return 2 * tile.stepFloats() * 4;
  }

  /// Sums over depths [first, end), of which there are at most `most`, and
  /// writes them to shared memory with `pitch` elements from row to row, in
  /// place of the operands. A barrier must follow.
  void run(Value first, Value end, int64_t most, int64_t pitch);

private:
  using Values = ThreadBuilder::Values;

  /// One operand's way from its source to shared memory.
  struct Operand {
    OperandSource source;
    int64_t width;  ///< of the tile
    int64_t offset; ///< in a step's shared memory, in floats
  };
  /// Where a chunk lies in a step of the operand.
  struct Spot {
    Value at, depth;
  };
  Spot spot(const Operand &of, int64_t turn);
  int64_t turns(const Operand &of) const;
  int64_t pieces(const Operand &of) const { return chunk / of.source.lanes; }
  Values fetch(Value step);
  void keep(mlir::ArrayRef<Value> fetched, Value buffer);
  void keepChunk(const Operand &of, Spot spot, mlir::ArrayRef<Value> pieces,
                 Value buffer);

  Values sum(Value first, Value end, int64_t most);
  Values sumBlock(Value begin, Value end);
  Values multiply(Value buffer, mlir::ValueRange sums);
  Values fragment(const Operand &from, Value buffer, int64_t depth, Value place,
                  int64_t count);
  Values add(mlir::ValueRange sums, mlir::ValueRange parts);
  void writeSums(mlir::ValueRange sums, int64_t pitch);

  int64_t columnWidth() const;
  int64_t columnGroups() const { return tile.threadColumns / columnWidth(); }
  Values zeros();

  ThreadBuilder &b;
  const SimtTile &tile;
  Value shared;
  Operand left, right;
  Value thread, threadRow, threadColumn;
};

/// Blocks of one tile.
struct SimtGrid : GemmGrid {
  SimtTile tile;

  explicit SimtGrid(const SimtTile &tile)
      : GemmGrid{tile.rows,  tile.columns, tile.threads(),
                 tile.parts, productDepth, /*isOrdered=*/true},
        tile(tile) {}
  /// The operands' two steps, then the sums.
  int64_t sharedBytes() const {
    return std::max(SimtProduct::sharedBytes(tile), tileBytes());
  }
  /// The most depths that a block sums.
  int64_t mostDepths(const GemmExtents &p) const {
    return parts > 1 ? partDepth : p.k;
  }
};

} // namespace mpc

#endif
