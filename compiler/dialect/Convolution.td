// 2-D convolution in NCHW and its two gradients.
#ifndef MPC_CONVOLUTION
#define MPC_CONVOLUTION

include "compiler/dialect/Base.td"

// `pads` are ONNX's: begins of each spatial dimension, then ends. Under `groups`
// the channels of input and result are cut into that many equal parts, and part
// g of the result is made of part g of the input alone.
class Mpc_ConvolutionOp<string mnemonic, dag operands, Trait product = Mpc_Product>
    : Mpc_PureOp<mnemonic, !con(operands, (ins
        DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
        DenseI64ArrayAttr:$dilations,
        DefaultValuedAttr<I64Attr, "1">:$groups)), [product, Mpc_ConvolutionOpInterface]> {
  let results = (outs Mpc_FloatTensor:$result);
  let hasVerifier = 1;
}

def Mpc_ConvOp : Mpc_ConvolutionOp<"conv",
    (ins Mpc_FloatTensor:$input, Mpc_FloatTensor:$weight, Optional<Mpc_FloatTensor>:$bias),
    Mpc_ProductPlus> {
  let summary = "Convolution of [N, C, H, W] with [F, C / groups, KH, KW], plus a bias [F].";
  let description = [{
    Accumulated in f32 together with the bias, rounded once.

    - conv-c1: input and weight have rank 4; `groups` is at least 1 and divides C
      and F; the weight has C / groups channels.
    - conv-c2: strides, dilations (2 numbers each) are at least 1, pads (4
      numbers) at least 0.
    - conv-c3: the result is [N, F, OH, OW] with OH = (H + pads - dilated kernel)
      / stride + 1, rounded down, and at least 1.
    - conv-c4: the bias, if given, is [F].
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$weight,
    "::mlir::Value":$bias, "::llvm::ArrayRef<int64_t>":$strides,
    "::llvm::ArrayRef<int64_t>":$pads, "::llvm::ArrayRef<int64_t>":$dilations,
    CArg<"int64_t", "1">:$groups)>];
  let extraClassDeclaration = [{
    ::mlir::Value getConvInput() { return getInput(); }
    ::mlir::Value getConvWeight() { return getWeight(); }
    ::mlir::Value getConvOutput() { return getResult(); }
    ::mlir::Value getConvBias() { return getBias(); }
  }];
}

def Mpc_ConvInputGradOp : Mpc_ConvolutionOp<"conv_input_grad",
    (ins Mpc_FloatTensor:$gradient, Mpc_FloatTensor:$weight)> {
  let summary = "The gradient of conv by its input: [N, C, H, W]; also a transposed convolution.";
  let description = [{
    - conv_input_grad-c1: `gradient` has the shape that conv gives for the
      result's shape as input and this weight.
  }];
  let extraClassDeclaration = [{
    ::mlir::Value getConvInput() { return getResult(); }
    ::mlir::Value getConvWeight() { return getWeight(); }
    ::mlir::Value getConvOutput() { return getGradient(); }
  }];
}

def Mpc_ConvWeightGradOp : Mpc_ConvolutionOp<"conv_weight_grad",
    (ins Mpc_FloatTensor:$gradient, Mpc_FloatTensor:$input)> {
  let summary = "The gradient of conv by its weight: [F, C / groups, KH, KW].";
  let description = [{
    - conv_weight_grad-c1: `gradient` has the shape that conv gives for this
      input and the result's shape as weight.
  }];
  let extraClassDeclaration = [{
    ::mlir::Value getConvInput() { return getInput(); }
    ::mlir::Value getConvWeight() { return getResult(); }
    ::mlir::Value getConvOutput() { return getGradient(); }
  }];
}

#endif
