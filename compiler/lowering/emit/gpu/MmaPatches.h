// The matrix of patches of a convolution (im2col), never stored: its element at
// a tap (channel of the group, kernel row, kernel column) and a pixel (image,
// row, column) is an element of a tensor, or zero where the tap lies in
// padding.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_MMAPATCHES_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_MMAPATCHES_H

#include "compiler/lowering/ElementAccess.h"
#include "compiler/lowering/emit/gpu/ConvWindows.h"
#include "compiler/lowering/emit/gpu/MmaLoaders.h"

namespace mpc {

struct MmaPatches {
  /// [images, groups * channels, source...]; isFlat() accepts it.
  mlir::Value tensor;
  int64_t images, groups, channels;
  /// Rows and columns: of a plane of the tensor, and of the pixels.
  std::array<int64_t, 2> source, plane;
  std::array<int64_t, 2> kernel, strides, dilations, pads;
  /// Whether the pixels are the convolution's input and the tensor is the
  /// gradient of its output, or the other way round.
  bool isGradient;

  /// The patches that are summed for the result, and for the gradient of the
  /// weight.
  static MmaPatches ofInput(mlir::Value input, const ConvWindows &windows);
  /// Those that are summed for the gradient of the input.
  static MmaPatches ofGradient(mlir::Value gradient,
                               const ConvWindows &windows);

  int64_t tapsOfChannel() const { return kernel[0] * kernel[1]; }
  int64_t taps() const { return channels * tapsOfChannel(); }
  int64_t pixels() const { return images * plane[0] * plane[1]; }
  /// Neighbours among the pixels, in a row, that are neighbours in memory.
  int64_t lanes() const;

  /// A chunk: the 8 pixels from `pixel` on, `lanes()` to a vector. Beyond the
  /// matrix there are zeros.
  ThreadBuilder::Values chunk(ThreadBuilder &b, ElementAccess &elements,
                              mlir::Value group, mlir::Value tap,
                              mlir::Value pixel) const;

private:
  MmaPatches(mlir::Value tensor, const ConvWindows &windows, bool isGradient);
};

} // namespace mpc

#endif
