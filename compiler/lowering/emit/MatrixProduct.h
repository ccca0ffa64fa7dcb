// Blocked matrix product on packed f32 panels: the one inner loop that gemm and
// the convolutions share.
//
// A tile of the result is `rows` x `columns`. Its sum over `depth` is cut into
// blocks of consecutive depths; per block both operands are packed (widened to
// f32, reordered into panels as wide as the register tile) and the block's
// product is added to the tile's sums, which stay in f32 scratch:
//
//   sum = 0; for each block: { part = 0; for k in block, ascending:
//     part = fma(a[k], b[k], part); sum = sum + part }
//
// This order depends on the block's depth alone, not on the register tile, the
// ISA or the tile's size, so all of them give the same bits. The error of a sum
// of K products is at most gamma(depth + ceil(K / depth)) * sum |a * b|, with
// gamma(n) = n * u / (1 - n * u) and u = 2^-24.
#ifndef MPC_COMPILER_LOWERING_EMIT_MATRIXPRODUCT_H
#define MPC_COMPILER_LOWERING_EMIT_MATRIXPRODUCT_H

#include "compiler/lowering/emit/LoopBuilder.h"

namespace mpc {

/// Depth of a summation block of gemm; part of the definition of its numbers.
inline constexpr int64_t productDepth = 256;

/// The part of the result that stays in registers: `rows` broadcasts of A times
/// `vectors` vectors of B.
struct RegisterTile {
  int64_t lanes;   ///< f32 lanes of a vector register
  int64_t rows;    ///< rows of A, one accumulator per row and vector
  int64_t vectors; ///< vectors of B
  int64_t columns() const { return lanes * vectors; }

  /// 6x16 with 8 lanes (16 registers), 12x32 with 16 lanes (32 registers).
  static RegisterTile forLanes(int64_t lanes);
  /// The same for a result of this size: with few rows (a depthwise
  /// convolution, a vector) more vectors of B instead of rows that are not
  /// there.
  static RegisterTile forResult(int64_t lanes, int64_t rows, int64_t columns);
};

/// Lanes that the emitters use: x86-64-v3 has 256-bit registers.
inline constexpr int64_t vectorLanes = 8;

/// Largest extents of a tile; `rows` and `columns` are multiples of the
/// register tile's; `depth` is that of a summation block.
struct TileShape {
  int64_t rows, columns, depth;
};

/// Cuts `total` into equal parts of at most `largest`, rounded up to whole
/// multiples of `unit`.
int64_t evenPart(int64_t total, int64_t largest, int64_t unit);

/// The tile for a [rows, columns] result with sums over `depth` that exists
/// `copies` times: at most 96 x 256 (its panels fit a 512 KiB cache), less
/// where that leaves few tiles, but no less than what is worth handing to a
/// thread.
TileShape planTile(int64_t rows, int64_t columns, int64_t depth,
                   RegisterTile registers, int64_t copies);

/// Scratch and code of one blocked product.
class MatrixProduct {
public:
  /// Returns element(s) of an operand as f32: scalar or vector of `lanes`.
  using Load = llvm::function_ref<mlir::Value(mlir::Value at, mlir::Value k,
                                              int64_t lanes)>;

  /// Allocates scratch at the builder's place, which must run once per call of
  /// the kernel.
  MatrixProduct(LoopBuilder &b, RegisterTile registers, TileShape shape);

  /// Packs `count` rows of A (of columns of B) by `depth`; `load` is asked for
  /// (row, k) in [0, count) x [0, depth), and for `lanes` consecutive rows
  /// (columns): use where those are contiguous in memory.
  void packA(mlir::Value count, mlir::Value depth, bool contiguousInDepth,
             Load load);
  void packB(mlir::Value count, mlir::Value depth, bool contiguousInDepth,
             Load load);
  /// The same for columns [first, first + count) of B, `first` a multiple of
  /// the register tile's columns.
  void packColumns(mlir::Value first, mlir::Value count, mlir::Value depth,
                   bool contiguousInDepth, Load load);

  /// Adds the packed block's product to the sums, or sets them if `first` (i1).
  void multiply(mlir::Value rows, mlir::Value columns, mlir::Value depth,
                mlir::Value first);

  /// The sum(s) at (row, column) of the tile.
  mlir::Value sum(mlir::Value row, mlir::Value column, int64_t lanes);

  const RegisterTile &registers() const { return tile; }

private:
  struct Panels {
    mlir::Value memory;
    int64_t width;
  };
  void pack(const Panels &to, mlir::Value firstPanel, mlir::Value count,
            mlir::Value depth, bool contiguousInDepth, Load load);
  mlir::Value place(const Panels &to, mlir::Value panel);
  void packAlongWidth(const Panels &to, mlir::Value firstPanel,
                      mlir::Value count, mlir::Value depth, Load load);
  void packAlongDepth(const Panels &to, mlir::Value firstPanel,
                      mlir::Value count, mlir::Value depth, Load load);
  void multiplyRegisters(mlir::Value aPanel, mlir::Value bPanel,
                         mlir::Value depth, mlir::Value first);

  LoopBuilder &b;
  RegisterTile tile;
  TileShape shape;
  Panels aPanels, bPanels;
  mlir::Value sums;
};

} // namespace mpc

#endif
