// Convolution and its gradients as products of a matrix with that of patches,
// one per group:
//
//   result[filter, pixel]      = sum over taps of
//                 weight[filter, tap] * patches of the input[tap, pixel]
//   input grad[channel, pixel] = sum over taps of
//                 weight[tap, channel] * patches of the gradient[tap, pixel]
//   weight grad[filter, tap]   = sum over pixels of
//                 gradient[filter, pixel] * patches of the input[tap, pixel]
//
// Taps of the input's gradient count filters. Pixels, of all images, run along
// the rows of the results or are the depth; either way neighbours are
// neighbours in memory.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_CONVPRODUCT_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_CONVPRODUCT_H

#include "compiler/lowering/emit/gpu/ConvPatches.h"
#include "compiler/lowering/emit/gpu/GemmGrid.h"

namespace mpc {

enum class ConvResult { Output, InputGrad, WeightGrad };

struct ConvProduct : GemmExtents {
  using Value = mlir::Value;

  ConvResult kind;
  ConvWindows windows;
  Value left; ///< weight or, for its gradient, the gradient
  ConvPatches patches;
  Value result, bias; ///< bias may be null

  explicit ConvProduct(ConvolutionOpInterface op);

  /// Whether neighbours in memory of the left operand are neighbours in depth,
  /// or along the rows; and how many of a chunk come in one access.
  bool leftDepthFirst() const;
  int64_t leftLanes(int64_t chunk) const;

  /// The operands of a block whose tile begins at row (column) `from` of a
  /// group's matrix and has `width` rows (columns).
  OperandSource leftSource(GpuKernel &kernel, ThreadBuilder &b, Value group,
                           Value from, int64_t width, int64_t chunk) const;
  OperandSource rightSource(GpuKernel &kernel, ThreadBuilder &b, Value group,
                            Value from, int64_t chunk) const;

  /// Elements of the result that are written at once.
  int64_t resultLanes(KernelOp kernel) const;

  /// Row-major positions in the tensors of elements of the matrices; of patches
  /// that are plain.
  Value leftPosition(ThreadBuilder &b, Value group, Value row,
                     Value depth) const;
  Value rightPosition(ThreadBuilder &b, Value group, Value column,
                      Value depth) const;
};

/// Whether the kernel should be computed so. With few filters per group, as in
/// depthwise convolutions, most of a product would be padding.
bool suitsProduct(KernelOp kernel);

/// The bias and the epilogue.
GemmResult resultOf(GpuKernel &kernel, const ConvProduct &product);

} // namespace mpc

#endif
