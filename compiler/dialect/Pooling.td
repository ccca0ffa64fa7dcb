// 2-D pooling in NCHW and its gradients.
#ifndef MPC_POOLING
#define MPC_POOLING

include "compiler/dialect/Base.td"

class Mpc_PoolingOp<string mnemonic, dag operands, dag more = (ins)>
    : Mpc_PureOp<mnemonic, !con(operands, (ins DenseI64ArrayAttr:$kernel,
        DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
        DenseI64ArrayAttr:$dilations), more)> {
  let results = (outs Mpc_FloatTensor:$result);
  let hasVerifier = 1;
}

class Mpc_PoolingForwardOp<string mnemonic, dag more = (ins)>
    : Mpc_PoolingOp<mnemonic, (ins Mpc_FloatTensor:$input), more> {
  let description = [{
    Windows start `strides` apart and their elements lie `dilations` apart. The
    last window may reach beyond the padding (ONNX's ceil_mode); what lies there
    is no part of it.

    - pool-p1: the operand has rank 4; kernel, strides and dilations (2 numbers
      each) are at least 1, pads (4 numbers: begins, then ends) at least 0 and less
      than the dilated kernel.
    - pool-p2: the result is [N, C, OH, OW] with OH = (H + pads - dilated kernel)
      / stride + 1, rounded down, or up if the last window starts inside the input
      or its padding at the beginning, and at least 1.
  }];
}

def Mpc_MaxPoolOp : Mpc_PoolingForwardOp<"max_pool"> {
  let summary = "The largest element of each window; padding never wins, NaN does.";
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$kernel,
    "::llvm::ArrayRef<int64_t>":$strides, "::llvm::ArrayRef<int64_t>":$pads,
    "::llvm::ArrayRef<int64_t>":$dilations, CArg<"bool", "false">:$ceil)>];
}

def Mpc_AveragePoolOp : Mpc_PoolingForwardOp<"average_pool",
    (ins UnitAttr:$count_include_pad)> {
  let summary = "The mean of each window, over its elements inside the input, or inside the padding too under `count_include_pad`.";
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$kernel,
    "::llvm::ArrayRef<int64_t>":$strides, "::llvm::ArrayRef<int64_t>":$pads,
    "::llvm::ArrayRef<int64_t>":$dilations, "bool":$countIncludePad,
    CArg<"bool", "false">:$ceil)>];
}

def Mpc_MaxPoolGradOp : Mpc_PoolingOp<"max_pool_grad",
    (ins Mpc_FloatTensor:$gradient, Mpc_FloatTensor:$input)> {
  let summary = "Adds each window's gradient to the window's first largest element.";
  let description = [{
    First in row-major order; sums are accumulated in f32 and rounded once.
    - max_pool_grad-p1: `gradient` has the shape of max_pool's result, the result
      the shape of `input`.
  }];
}

def Mpc_AveragePoolGradOp : Mpc_PoolingOp<"average_pool_grad",
    (ins Mpc_FloatTensor:$gradient), (ins UnitAttr:$count_include_pad)> {
  let summary = "Spreads each window's gradient evenly over what the mean was taken of.";
  let description = [{
    - average_pool_grad-p1: `gradient` has the shape that average_pool gives for
      the result's shape as input.
  }];
}

#endif
