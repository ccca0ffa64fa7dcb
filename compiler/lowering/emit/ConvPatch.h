// The matrix of patches of a convolution (im2col), never stored whole: a block
// of input planes is copied to f32 scratch, with padding and dilation of the
// source spelled out as zeros, and then every element of the matrix is
//
//   scratch[tapOffset[tap] + pixelOffset[pixel]]
//
// for a tap (channel, kernel row, kernel column) and a pixel (image, row,
// column) of the block.
#ifndef MPC_COMPILER_LOWERING_EMIT_CONVPATCH_H
#define MPC_COMPILER_LOWERING_EMIT_CONVPATCH_H

#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/LoopBuilder.h"
#include <array>

namespace mpc {

/// What the patches are taken from and how. Arrays are (rows, columns).
struct PatchSource {
  int64_t images, channels;
  std::array<int64_t, 2> source; ///< extents of a source plane
  std::array<int64_t, 2> pixels; ///< extents of the plane of patches
  std::array<int64_t, 2> kernel, step, dilation;
  /// The source element of scratch position i is (i + origin) / spread where
  /// that is a whole number inside the plane; elsewhere it is zero.
  std::array<int64_t, 2> origin, spread;

  int64_t tapsPerChannel() const { return kernel[0] * kernel[1]; }
};

/// The extents of one block of patches.
struct PatchBlock {
  int64_t images, channels, rows, columns;
  int64_t pixels() const { return images * rows * columns; }
};

/// The block with about 256 taps and 256 pixels: whole channels; whole images
/// (a divisor of their number, at most `mostImages`) if one has fewer pixels,
/// else whole rows, else (unless `wholeRows`) a part of a row.
PatchBlock planPatchBlock(const PatchSource &source, int64_t mostImages,
                          bool wholeRows);

class PatchScratch {
public:
  /// Allocates the scratch and fills the tables, at the builder's place.
  PatchScratch(LoopBuilder &b, const PatchSource &source,
               const PatchBlock &block);

  /// Copies the planes of `value` from image n and channel c on, for patches
  /// from (row, column) on; `channels` of them are there.
  void fill(TileKernel &k, mlir::Value value, mlir::Value n, mlir::Value c,
            mlir::Value channels, mlir::Value row, mlir::Value column);

  /// Element(s) of the matrix: `lanes` consecutive pixels of one tap.
  mlir::Value pixels(mlir::Value tap, mlir::Value pixel, int64_t lanes);
  /// `lanes` consecutive taps of one pixel.
  mlir::Value taps(mlir::Value tap, mlir::Value pixel, int64_t lanes);

  /// Whether 8 consecutive pixels of one tap are neighbours in the scratch.
  bool pixelsAreContiguous() const;

private:
  void fillPlane(TileKernel &k, mlir::Value value, mlir::Value n, mlir::Value c,
                 mlir::Value base, mlir::Value row, mlir::Value column);
  void fillTables();
  mlir::Value gather(mlir::Value table, mlir::Value first, mlir::Value base,
                     int64_t lanes);
  mlir::Value offset(mlir::Value table, mlir::Value at);

  LoopBuilder &b;
  PatchSource source;
  PatchBlock block;
  std::array<int64_t, 2> extents; ///< of a plane in the scratch
  mlir::Value memory, tapOffsets, pixelOffsets;
};

} // namespace mpc

#endif
