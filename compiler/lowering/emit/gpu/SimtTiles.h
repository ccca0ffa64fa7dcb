// Which tile a matrix product without tensor cores is cut into.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_SIMTTILES_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_SIMTTILES_H

#include <cstdint>

namespace mpc {

/// Blocks that run side by side on the GPUs that the tiles are chosen for.
inline constexpr int64_t multiprocessors = 132;
/// The shared memory that the blocks of one have, of compute capability 9.0, or
/// a single block.
inline constexpr int64_t mostSharedBytes = 227 << 10;

struct SimtTile {
  int64_t rows, columns, depth;      ///< of a block and one of its steps
  int64_t threadRows, threadColumns; ///< of the sums that a thread owns
  int64_t parts = 1;                 ///< that the depth is cut into

  int64_t threads() const {
    return rows / threadRows * (columns / threadColumns);
  }
  /// Floats between two depths of an operand in shared memory. The 4 more put
  /// the depths that a thread writes into different banks.
  static int64_t pitch(int64_t width) { return width + 4; }
  /// Floats of one step's operands.
  int64_t stepFloats() const { return depth * (pitch(rows) + pitch(columns)); }
};

/// The tile that is expected to be fastest for `batches` products of [m, k] and
/// [k, n]. The depth is cut into parts of `partDepth` or not at all.
SimtTile chooseSimtTile(int64_t batches, int64_t m, int64_t n, int64_t k,
                        int64_t partDepth);

} // namespace mpc

#endif
