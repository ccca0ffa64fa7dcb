// Softmax and its logarithm along an axis, and their gradients.
#ifndef MPC_SOFTMAX
#define MPC_SOFTMAX

include "compiler/dialect/Base.td"

class Mpc_AlongAxisOp<string mnemonic, string what>
    : Mpc_PureOp<mnemonic, (ins Mpc_FloatTensor:$input, I64Attr:$axis)> {
  let summary = what;
  let description = [{
    The largest element along the axis is subtracted before exp.

    - softmax-s1: `axis` is a dimension of the operand.
    - softmax-s2: operand and result have the same shape.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "int64_t":$axis), [{
    build($_builder, $_state, input.getType(), input, $_builder.getI64IntegerAttr(axis));
  }]>];
  let hasVerifier = 1;
}

def Mpc_SoftmaxOp : Mpc_AlongAxisOp<"softmax", "exp(x) / sum(exp(x)) along an axis.">;
def Mpc_LogSoftmaxOp : Mpc_AlongAxisOp<"log_softmax", "x - log(sum(exp(x))) along an axis.">;

class Mpc_SoftmaxBackwardOp<string mnemonic, string what>
    : Mpc_PureOp<mnemonic, (ins Mpc_FloatTensor:$gradient, Mpc_FloatTensor:$output, I64Attr:$axis)> {
  let summary = what;
  let description = [{
    `output` is the forward op's result.

    - softmax_grad-s1: `axis` is a dimension of the operands.
    - softmax_grad-s2: operands and result have the same shape.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$gradient, "::mlir::Value":$output,
                                 "int64_t":$axis), [{
    build($_builder, $_state, gradient.getType(), gradient, output,
          $_builder.getI64IntegerAttr(axis));
  }]>];
  let hasVerifier = 1;
}

def Mpc_SoftmaxGradOp : Mpc_SoftmaxBackwardOp<"softmax_grad",
    "y * (dy - sum(dy * y)) along an axis.">;
def Mpc_LogSoftmaxGradOp : Mpc_SoftmaxBackwardOp<"log_softmax_grad",
    "dy - exp(y) * sum(dy) along an axis.">;

#endif
