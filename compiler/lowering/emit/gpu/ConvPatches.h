// The matrix of patches of a convolution (im2col), never stored: its element at
// a tap (channel of the group, kernel row, kernel column) and a pixel (image,
// row, column) is an element of a tensor, or zero where the tap lies in
// padding.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_CONVPATCHES_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_CONVPATCHES_H

#include "compiler/lowering/ElementAccess.h"
#include "compiler/lowering/emit/gpu/ConvWindows.h"
#include "compiler/lowering/emit/gpu/OperandSource.h"

namespace mpc {

struct ConvPatches {
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
  static ConvPatches ofInput(mlir::Value input, const ConvWindows &windows);
  /// Those that are summed for the gradient of the input.
  static ConvPatches ofGradient(mlir::Value gradient,
                                const ConvWindows &windows);

  int64_t tapsOfChannel() const { return kernel[0] * kernel[1]; }
  int64_t taps() const { return channels * tapsOfChannel(); }
  int64_t pixels() const { return images * plane[0] * plane[1]; }
  /// Of `chunk` neighbours among the pixels, so many at a time are neighbours
  /// in memory.
  int64_t lanes(int64_t chunk) const;

  /// Whether the pixels are the tensor's, with one tap of each channel.
  bool isPlain() const;
  /// Row-major position in the tensor if so.
  mlir::Value position(ThreadBuilder &b, mlir::Value group, mlir::Value tap,
                       mlir::Value pixel) const;

  /// The `chunk` pixels from `pixel` on, lanes(chunk) to a vector. Beyond the
  /// matrix there are zeros.
  ThreadBuilder::Values read(ThreadBuilder &b, ElementAccess &elements,
                             mlir::Value group, mlir::Value tap,
                             mlir::Value pixel, int64_t chunk) const;

private:
  ConvPatches(mlir::Value tensor, const ConvWindows &windows, bool isGradient);
};

} // namespace mpc

#endif
