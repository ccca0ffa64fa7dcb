// Ops that are steered by integer tensors, and ops that yield positions.
#ifndef MPC_INDEXING
#define MPC_INDEXING

include "compiler/dialect/Base.td"

def Mpc_IndexTensor : StaticShapeTensorOf<[I32, I64]>;

def Mpc_GatherOp : Mpc_PureOp<"gather",
    (ins Mpc_Tensor:$data, Mpc_IndexTensor:$indices, I64Attr:$axis), [Mpc_MovesElements]> {
  let summary = "Takes slices of an axis by their numbers (ONNX Gather; an embedding).";
  let description = [{
    An index below 0 counts from the end; what lies outside then is taken for the
    nearest inside, so that no memory outside is read.

    - gather-g1: `axis` is a dimension of `data`, of at least 1 element.
    - gather-g2: the result has the shape of `data` with `axis` replaced by the
      dimensions of `indices`, and the element type of `data`.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$data, "::mlir::Value":$indices,
                                 "int64_t":$axis)>];
  let hasVerifier = 1;
}

def Mpc_GatherGradOp : Mpc_PureOp<"gather_grad",
    (ins Mpc_FloatTensor:$gradient, Mpc_IndexTensor:$indices, I64Attr:$axis)> {
  let summary = "The gradient of gather by its data.";
  let description = [{
    Slices that were taken several times collect the sum of their gradients, in
    the order of the indices, in f32, rounded once; the rest is 0.

    - gather_grad-g1: `axis` is a dimension of the result.
    - gather_grad-g2: the gradient has the shape that gather gives for data of the
      result's shape.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let hasVerifier = 1;
}

def Mpc_ScatterOp : Mpc_PureOp<"scatter",
    (ins Mpc_Tensor:$data, Mpc_IndexTensor:$indices, Mpc_Tensor:$updates,
         Mpc_ScatterReductionAttr:$reduction), [Mpc_MovesElements]> {
  let summary = "A copy of `data` in which rows are replaced by updates or combined with them.";
  let description = [{
    Rows are slices of dimension 0; `updates` has one per index. Updates are
    taken in the order of the indices, accumulated in f32 and rounded once.
    Indices as in gather.

    - scatter-s1: `data` and the result have the same type.
    - scatter-s2: `indices` is [K], `updates` is [K, ...] with the rows of `data`
      and its element type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$data, "::mlir::Value":$indices,
                                 "::mlir::Value":$updates,
                                 "::mpc::ScatterReduction":$reduction), [{
    build($_builder, $_state, data.getType(), data, indices, updates,
          ::mpc::ScatterReductionAttr::get($_builder.getContext(), reduction));
  }]>];
  let hasVerifier = 1;
}

def Mpc_ArgReduceOp : Mpc_PureOp<"arg_reduce",
    (ins Mpc_Tensor:$input, I64Attr:$axis, UnitAttr:$smallest, UnitAttr:$last)> {
  let summary = "The position of the largest element along an axis (ONNX ArgMax, ArgMin).";
  let description = [{
    Or of the smallest. The first of equal ones, or the last under `last`. NaN
    comes before every number.

    - arg_reduce-a1: `axis` is a dimension of the operand, of at least 1 element.
    - arg_reduce-a2: the result has the operand's shape without the axis.
  }];
  let results = (outs StaticShapeTensorOf<[I64]>:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "int64_t":$axis,
                                 CArg<"bool", "false">:$smallest, CArg<"bool", "false">:$last)>];
  let hasVerifier = 1;
}

def Mpc_CumSumOp : Mpc_PureOp<"cum_sum",
    (ins Mpc_Tensor:$input, I64Attr:$axis, UnitAttr:$exclusive, UnitAttr:$reverse)> {
  let summary = "Sums of all elements up to each along an axis, accumulated in f32.";
  let description = [{
    Without the element itself under `exclusive`, from the end under `reverse`.

    - cum_sum-c1: `axis` is a dimension of the operand.
    - cum_sum-c2: operand and result have the same shape, and both are floats or
      have the same integer type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "int64_t":$axis,
                                 "bool":$exclusive, "bool":$reverse), [{
    build($_builder, $_state, input.getType(), input, $_builder.getI64IntegerAttr(axis),
          exclusive ? $_builder.getUnitAttr() : ::mlir::UnitAttr(),
          reverse ? $_builder.getUnitAttr() : ::mlir::UnitAttr());
  }]>];
  let hasVerifier = 1;
}

def Mpc_TopKOp : Mpc_PureOp<"top_k",
    (ins Mpc_Tensor:$input, I64Attr:$axis, UnitAttr:$smallest)> {
  let summary = "The positions of the k largest elements along an axis, the largest first.";
  let description = [{
    Or of the smallest, the smallest first. Equal elements keep their order. NaN
    comes before every number. The extent of the result along the axis is k.

    - top_k-t1: `axis` is a dimension of the operand.
    - top_k-t2: the result has the operand's shape, but along the axis no more
      elements than the operand.
    ```mlir
    // Of 3 1 4 1 the two largest are at 2 and 0.
    %i = mpc.top_k %x {axis = 1 : i64} : (tensor<8x4xf32>) -> tensor<8x2xi64>
    ```
  }];
  let results = (outs StaticShapeTensorOf<[I64]>:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "int64_t":$axis, "int64_t":$k,
                                 "bool":$smallest)>];
  let hasVerifier = 1;
}

#endif
