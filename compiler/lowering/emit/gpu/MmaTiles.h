// Which tile a matrix product with mma.sync is cut into, and how its operands
// lie in shared memory.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_MMATILES_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_MMATILES_H

#include <cstdint>

namespace mpc {

struct MmaTile {
  int64_t rows, columns, depth;  ///< of a block and one of its steps
  int64_t warpRows, warpColumns; ///< of the sums that a warp owns; multiples of
                                 ///< 16
  int64_t stages;        ///< steps whose operands have room in shared memory; 1
                         ///< only if there is one step
  int64_t parts = 1;     ///< that the depth is cut into
  int64_t partDepth = 0; ///< a multiple of `depth`

  int64_t warpsAcross() const { return columns / warpColumns; }
  int64_t threads() const { return 32 * rows / warpRows * warpsAcross(); }
  int64_t leftBytes() const { return rows * depth * 2; }
  int64_t stageBytes() const { return (rows + columns) * depth * 2; }
};

/// Whether so many products of [m, k] and [k, n] are so small that each is best
/// left to one warp: what a warp waits for, others of its multiprocessor hide.
bool areProductsOfWarps(int64_t batches, int64_t m, int64_t n);

/// The tile that is expected to be fastest for `batches` products of [m, k] and
/// [k, n], of whose operands so many come through registers.
MmaTile chooseMmaTile(int64_t batches, int64_t m, int64_t n, int64_t k,
                      int64_t throughRegisters);

/// How one operand of a step lies in shared memory, as 16-bit elements. Depth
/// first, a row is one row (column) of the tile and holds its depths; else a
/// row is one depth. Rows follow each other without gaps. In each line of 128
/// bytes, or in each row where rows are longer, the 16-byte chunks are permuted
/// by an exclusive or with the number of the line (row), so that chunk c of 8
/// successive rows lies in all banks, whatever c. Longer rows have whole groups
/// of 8 chunks.
struct MmaLayout {
  bool depthFirst;
  int64_t width, depth; ///< powers of 2, at least 16

  static constexpr int64_t chunk = 8; ///< elements

  int64_t rowElements() const { return depthFirst ? depth : width; }
  int64_t rowBytes() const { return rowElements() * 2; }
  int64_t rowChunks() const { return rowElements() / chunk; }
  int64_t chunks() const { return width * depth / chunk; }

  /// A byte that would be at `offset` without the permutation is at
  /// offset ^ (offset >> shift() & mask()).
  int64_t shift() const;
  int64_t mask() const;
};

} // namespace mpc

#endif
