// Ops with counter-based randomness.
#ifndef MPC_RANDOM
#define MPC_RANDOM

include "compiler/dialect/Base.td"

def Mpc_DropoutOp : Mpc_PureOp<"dropout",
    (ins Mpc_FloatTensor:$input, Mpc_I64Scalar:$counter, F32Attr:$ratio, I64Attr:$seed),
    [DeclareOpInterfaceMethods<Mpc_StateUpdateOpInterface>,
     DeclareOpInterfaceMethods<Mpc_TrainingFormOpInterface>]> {
  let summary = "Clears each element with probability `ratio` and divides the rest by 1 - ratio.";
  let description = [{
    Element i is kept where word i mod 4 of Philox4x32-10 (Salmon et al. 2011)
    with counter (i / 4 as 64 bits, `counter` as 64 bits) and key `seed`, as an
    unsigned number, is at least ratio * 2^32, rounded to nearest. The kept ones
    are multiplied by 1 / (1 - ratio), rounded to f32. `counter` is state that
    counts the op's applied steps: the second result is its next value.

    - dropout-d1: operand and result have the same shape.
    - dropout-d2: 0 <= ratio < 1.
  }];
  let results = (outs Mpc_FloatTensor:$output, Mpc_I64Scalar:$next_counter);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$counter,
                                 "float":$ratio, "int64_t":$seed), [{
    build($_builder, $_state, input.getType(), counter.getType(), input, counter,
          $_builder.getF32FloatAttr(ratio), $_builder.getI64IntegerAttr(seed));
  }]>];
  let hasVerifier = 1;
}

def Mpc_DropoutGradOp : Mpc_PureOp<"dropout_grad",
    (ins Mpc_FloatTensor:$gradient, Mpc_I64Scalar:$counter, F32Attr:$ratio, I64Attr:$seed)> {
  let summary = "What dropout does, to the gradient: the same elements are cleared.";
  let description = [{
    - dropout_grad-d1: operand and result have the same shape.
    - dropout_grad-d2: 0 <= ratio < 1.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$gradient, "::mlir::Value":$counter,
                                 "float":$ratio, "int64_t":$seed), [{
    build($_builder, $_state, gradient.getType(), gradient, counter,
          $_builder.getF32FloatAttr(ratio), $_builder.getI64IntegerAttr(seed));
  }]>];
  let hasVerifier = 1;
}

#endif
