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

def Mpc_SliceOp : Mpc_PureOp<"slice",
    (ins Mpc_Tensor:$input, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$steps),
    [Mpc_MovesElements]> {
  let summary = "result[i] = input[starts + i * steps], per dimension.";
  let description = [{
    Steps may be negative. Its transpose is `pad` with the same numbers.

    - slice-s1: `starts` and `steps` have one number per dimension; no step is 0.
    - slice-s2: every element read lies inside the operand.
    - slice-s3: operand and result have the same rank and element type.
    ```mlir
    // Every second column of the last three, backwards.
    %y = mpc.slice %x {starts = array<i64: 0, 4>, steps = array<i64: 1, -2>}
        : (tensor<2x5xf32>) -> tensor<2x2xf32>
    ```
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$starts,
    "::llvm::ArrayRef<int64_t>":$steps, "::llvm::ArrayRef<int64_t>":$shape), [{
    build($_builder, $_state, ::mpc::typeLike(input, shape), input,
          $_builder.getDenseI64ArrayAttr(starts), $_builder.getDenseI64ArrayAttr(steps));
  }]>];
  let hasVerifier = 1;
}

def Mpc_PadOp : Mpc_PureOp<"pad",
    (ins Mpc_Tensor:$input, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$steps,
         DefaultValuedAttr<F64Attr, "0.0">:$value), [Mpc_MovesElements]> {
  let summary = "result[starts + i * steps] = input[i], per dimension, and `value` elsewhere.";
  let description = [{
    `value` is rounded to the element type once; for integers it is a whole
    number.

    - pad-p1: `starts` and `steps` have one number per dimension; no step is 0.
    - pad-p2: every element written lies inside the result.
    - pad-p3: operand and result have the same rank and element type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$starts,
    "::llvm::ArrayRef<int64_t>":$steps, "::llvm::ArrayRef<int64_t>":$shape,
    CArg<"double", "0.0">:$value), [{
    build($_builder, $_state, ::mpc::typeLike(input, shape), input,
          $_builder.getDenseI64ArrayAttr(starts), $_builder.getDenseI64ArrayAttr(steps),
          $_builder.getF64FloatAttr(value));
  }]>];
  let hasVerifier = 1;
}

def Mpc_ConcatOp : Mpc_PureOp<"concat", (ins Variadic<Mpc_Tensor>:$inputs, I64Attr:$axis),
    [Mpc_MovesElements]> {
  let summary = "Joins tensors along an axis.";
  let description = [{
    - concat-c1: there is an operand, and `axis` is a dimension of it.
    - concat-c2: operands and result have the same element type and agree in all
      dimensions but `axis`, where the result has the operands' sum.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$inputs, "int64_t":$axis)>];
  let hasVerifier = 1;
}

#endif
