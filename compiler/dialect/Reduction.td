// Reductions over axes.
#ifndef MPC_REDUCTION
#define MPC_REDUCTION

include "compiler/dialect/Base.td"

def Mpc_ReduceSumOp : Mpc_PureOp<"reduce_sum",
    (ins Mpc_FloatTensor:$input, DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims)> {
  let summary = "Sum over axes, accumulated in f32 in an order fixed at compile time.";
  let description = [{
    - reduce-r1: `axes` are sorted, distinct dimensions of the operand.
    - reduce-r2: the result has the operand's shape without the axes, or with 1
      in their place under `keep_dims`.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$axes,
                                 CArg<"bool", "false">:$keepDims)>];
  let hasVerifier = 1;
}

#endif
