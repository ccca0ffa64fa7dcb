// Ops that move elements and compute nothing.
#ifndef MPC_SHAPE
#define MPC_SHAPE

include "compiler/dialect/Base.td"

def Mpc_ReshapeOp : Mpc_PureOp<"reshape", (ins Mpc_Tensor:$input),
    [Mpc_MovesElements]> {
  let summary = "The same elements, in row-major order, under another shape.";
  let description = [{
    - reshape-r1: operand and result have the same number of elements.
    - reshape-r2: operand and result have the same element type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$shape), [{
    build($_builder, $_state, ::mpc::typeLike(input, shape), input);
  }]>];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Mpc_TransposeOp : Mpc_PureOp<"transpose",
    (ins Mpc_Tensor:$input, DenseI64ArrayAttr:$perm), [Mpc_MovesElements]> {
  let summary = "Permutes dimensions: result dimension i is operand dimension perm[i].";
  let description = [{
    - transpose-t1: `perm` is a permutation of the operand's dimensions.
    - transpose-t2: the result has the permuted shape and the same element type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$perm)>];
  let hasVerifier = 1;
}

def Mpc_BroadcastOp : Mpc_PureOp<"broadcast", (ins Mpc_Tensor:$input),
    [Mpc_Elementwise, Mpc_MovesElements]> {
  let summary = "Repeats elements along dimensions of size 1 or new leading ones (ONNX Expand).";
  let description = [{
    - broadcast-e1: the operand's shape broadcasts to the result's shape.
    - broadcast-e2: operand and result have the same element type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$shape), [{
    build($_builder, $_state, ::mpc::typeLike(input, shape), input);
  }]>];
  let hasVerifier = 1;
}

#endif
