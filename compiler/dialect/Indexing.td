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

def Mpc_I32Vector : ConfinedType<StaticShapeTensorOf<[I32]>, [HasAnyRankOfPred<[1]>],
    "statically shaped vector of i32">;

def Mpc_RowListsOp : Mpc_PureOp<"row_lists", (ins Mpc_IndexTensor:$indices)> {
  let summary = "For each row of a tensor the positions in `indices` that mean it, as a list.";
  let description = [{
    `first` has for each row the first position whose index means it, `next` for
    each position the following one that means the same row. Where there is none
    stands the number of positions. Indices as in gather.

    - row_lists-l1: `next` has one element per element of `indices`.
    - row_lists-l2: `first` has a row if there are indices.
    ```mlir
    // Of the indices 2 0 2 in 4 rows: first is 1 3 0 3, next is 2 3 3.
    %first, %next = mpc.row_lists %i : (tensor<3xi64>) -> (tensor<4xi32>, tensor<3xi32>)
    ```
  }];
  let results = (outs Mpc_I32Vector:$first, Mpc_I32Vector:$next);
  let hasVerifier = 1;
}

def Mpc_SumRowsOp : Mpc_PureOp<"sum_rows",
    (ins Mpc_FloatTensor:$gradient, Mpc_IndexTensor:$indices, Mpc_I32Vector:$first,
         Mpc_I32Vector:$next)> {
  let summary = "The rows of a gather's gradient that are not zero, at their first positions.";
  let description = [{
    `first` and `next` are what row_lists gives for `indices`. At a position that
    is the first of its row stands the sum of the gradients at all positions of the
    row, in their order, in f32, rounded once; elsewhere 0. With expand_rows this
    is gather_grad along axis 0.

    - sum_rows-s1: `next` has one element per element of `indices`.
    - sum_rows-s2: the gradient is the result with the dimensions of `indices` in
      place of the first, which is their number.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let hasVerifier = 1;
}

def Mpc_ExpandRowsOp : Mpc_PureOp<"expand_rows",
    (ins Mpc_Tensor:$rows, Mpc_I32Vector:$first), [Mpc_MovesElements]> {
  let summary = "A tensor most of whose rows are 0, from those that are not.";
  let description = [{
    Row i of the result is row `first`[i] of `rows`, or 0 where that is no row.
    Kernels of elementwise ops read it element by element, so that it need not
    lie in memory.

    - expand_rows-e1: the result has the element type of `rows` and its shape, but
      as many rows as `first` has elements.
    - expand_rows-e2: `rows` has a row.
    ```mlir
    %dense = mpc.expand_rows %r, %first : (tensor<3x8xf16>, tensor<4xi32>) -> tensor<4x8xf16>
    ```
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$rows, "::mlir::Value":$first)>];
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
