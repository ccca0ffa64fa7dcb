// What convolution and its two gradients have in common.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_CONVWINDOWS_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_CONVWINDOWS_H

#include "compiler/dialect/Dialect.h"

namespace mpc {

struct ConvWindows {
  mlir::ArrayRef<int64_t> strides, pads, dilations;
  mlir::ArrayRef<int64_t> input, weight, output; ///< shapes
  int64_t groups;

  explicit ConvWindows(ConvolutionOpInterface op)
      : strides(op.getStrides()), pads(op.getPads()),
        dilations(op.getDilations()), input(shapeOf(op.getConvInput())),
        weight(shapeOf(op.getConvWeight())),
        output(shapeOf(op.getConvOutput())), groups(int64_t(op.getGroups())) {}

  int64_t filtersOfGroup() const { return weight[0] / groups; }
  int64_t channelsOfGroup() const { return weight[1]; }
};

} // namespace mpc

#endif
