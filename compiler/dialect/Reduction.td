// Reductions over axes.
#ifndef MPC_REDUCTION
#define MPC_REDUCTION

include "compiler/dialect/Base.td"

class Mpc_ReduceOp<string mnemonic, string what>
    : Mpc_PureOp<mnemonic, (ins Mpc_Tensor:$input, DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims)> {
  let summary = what;
  let description = [{
    Computed in f32 in an order fixed at compile time, rounded once; integers
    wrap.

    - reduce-r1: `axes` are sorted, distinct dimensions of the operand.
    - reduce-r2: the result has the operand's shape without the axes, or with 1
      in their place under `keep_dims`.
    - reduce-r3: operand and result are both floats or have the same integer type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::llvm::ArrayRef<int64_t>":$axes,
                                 CArg<"bool", "false">:$keepDims), [{
    auto shape = ::mpc::reducedShape(::mpc::shapeOf(input), axes, keepDims);
    build($_builder, $_state, ::mpc::typeLike(input, shape), input,
          $_builder.getDenseI64ArrayAttr(axes),
          keepDims ? $_builder.getUnitAttr() : ::mlir::UnitAttr());
  }]>];
  let hasVerifier = 1;
}

def Mpc_ReduceSumOp : Mpc_ReduceOp<"reduce_sum", "Sum over axes; 0 of no elements.">;
def Mpc_ReduceMeanOp : Mpc_ReduceOp<"reduce_mean",
    "Mean over axes: the f32 sum divided by the number of elements.">;
def Mpc_ReduceMaxOp : Mpc_ReduceOp<"reduce_max",
    "The largest element over axes; NaN if there is one, -infinity of no elements.">;
def Mpc_ReduceMinOp : Mpc_ReduceOp<"reduce_min",
    "The smallest element over axes; NaN if there is one, infinity of no elements.">;
def Mpc_ReduceProdOp : Mpc_ReduceOp<"reduce_prod", "Product over axes; 1 of no elements.">;

#endif
