// Which tile a matrix product with wgmma is cut into, and how its operands lie
// in shared memory.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_WGMMATILES_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_WGMMATILES_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mpc {

struct WgmmaTile {
  int64_t rows, columns; ///< multiples of 64; columns at most 256
  int64_t stages;        ///< steps whose operands are in shared memory at once
  /// Blocks below each other that share the columns' operand: each fetches its
  /// part for all of them.
  int64_t sharing = 1;
  /// That the depth is cut into. Each is a block's; if there are more than one,
  /// they add their sums in each other's shared memory.
  int64_t parts = 1;
  int64_t partDepth = 0; ///< a multiple of `depth`

  /// Of a step: what fills the 128 bytes of a swizzled row with 16-bit
  /// elements.
  static constexpr int64_t depth = 64;
  /// Whether results, of 16 bits, stay in shared memory until they are written
  /// beside the next tile's products.
  bool keepsResults = false;

  /// Warpgroups that multiply: 64 rows each.
  int64_t consumers() const { return rows / 64; }
  /// Memory in which a warp turns its sums around: room for all of its results,
  /// or for a part of its sums at a time.
  int64_t turnBytes() const { return keepsResults ? 16 * columns * 2 : 4096; }
  /// Those, and one that loads.
  int64_t threads() const { return 128 * (consumers() + 1); }
  /// Blocks that need each other.
  int64_t cluster() const { return sharing * parts; }
  /// Columns that one instruction multiplies, and how often that makes all: the
  /// registers that threads start with, when there are 512, have no room for
  /// the sums of more than 192 columns.
  int64_t pieceColumns() const {
    return consumers() > 2 && columns > 192 ? columns / 2 : columns;
  }
  int64_t pieces() const { return columns / pieceColumns(); }
  int64_t leftBytes() const { return rows * depth * 2; }
  int64_t stageBytes() const { return (rows + columns) * depth * 2; }
  /// f32 from one row of sums to the next in shared memory, where parts are
  /// added: 8 more than there are, so that rows start in different banks.
  int64_t sumsPitch() const { return columns + 8; }
  /// Where things begin in shared memory, behind the ring of stages.
  int64_t turnOffset() const;
  int64_t barrierOffset() const;
  /// The same, keeping its results in place of at most one stage, and of none
  /// of the last three.
  std::optional<WgmmaTile> keeping() const;
  int64_t sharedBytes() const { return barrierOffset() + stages * 16; }
  /// What keeps a product of that depth from using it; nothing if it can.
  std::optional<std::string> fault(int64_t k) const;
};

/// The tile that is expected to be fastest for `batches` products of [m, k] and
/// [k, n].
WgmmaTile chooseWgmmaTile(int64_t batches, int64_t m, int64_t n, int64_t k);
/// The tiles that are expected to be fastest, best first, at most `count`.
std::vector<WgmmaTile> rankWgmmaTiles(int64_t batches, int64_t m, int64_t n,
                                      int64_t k, size_t count);
/// `tile`, with parts and stages as a depth of k fills them.
WgmmaTile fillDepth(WgmmaTile tile, int64_t k);

/// How one operand of a step lies in shared memory: rows of 128 bytes, in
/// groups of 8 in which the hardware permutes 16-byte chunks (the 128-byte
/// swizzle). Depth first, a row is one row of the tile and holds its 64 depths.
/// Else a row is one depth and holds 64 neighbours of the tile; blocks of 64
/// depths, 8192 bytes each, follow each other.
struct WgmmaOperand {
  bool depthFirst;

  static constexpr int64_t rowBytes = 128, groupBytes = 8 * rowBytes;
  static constexpr int64_t blockBytes = 64 * rowBytes;

  /// All of a matrix descriptor but the address (PTX ISA, "Matrix descriptor"):
  /// bits 16 to 29 the distance of blocks, 32 to 45 that of groups, both in
  /// units of 16 bytes; 62 and 63 the 128-byte swizzle. Depth first there is
  /// one block and its distance is not used.
  uint64_t descriptor() const;
  /// From one 16 deep slice of the step to the next, in units of 16 bytes.
  int64_t sliceDistance() const { return depthFirst ? 2 : 128; }
  /// From the first 64 rows (columns) of the tile to the next, in bytes: the
  /// same either way.
  static constexpr int64_t distanceOf64 = blockBytes;
};

} // namespace mpc

#endif
