// Kernels: what the schedule phase forms and the lower phase launches.
#ifndef MPC_KERNEL
#define MPC_KERNEL

include "compiler/dialect/Base.td"

def Mpc_KernelOp : Op<Mpc_Dialect, "kernel", [IsolatedFromAbove, SingleBlock,
    RecursiveMemoryEffects]> {
  let summary = "One kernel launch, as an isolated region of mpc ops.";
  let description = [{
    The block's arguments are the operands, its yielded values the results. `root`
    names the op that decides the emitter; what stands before it is the prologue,
    what stands after it the epilogue. `tiles` is the number of independent parts
    of the grid. After the plan phase `buffers` holds an index into the target's
    buffer table per operand, then per result, then per workspace.

    - kernel-k1: block arguments have the operands' types, yields the results'.
  }];
  let arguments = (ins Variadic<Mpc_Tensor>:$inputs, StrAttr:$root, StrAttr:$provider,
    OptionalAttr<I64Attr>:$tiles, OptionalAttr<DenseI64ArrayAttr>:$buffers,
    OptionalAttr<DenseI64ArrayAttr>:$workspaces);
  let results = (outs Variadic<Mpc_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $root `provider` $provider (`(` $inputs^ `:` type($inputs) `)`)?
    (`->` type($results)^)? attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
}

def Mpc_YieldOp : Op<Mpc_Dialect, "yield", [Pure, Terminator,
    HasParent<"KernelOp">]> {
  let summary = "Ends a kernel's body with its results.";
  let arguments = (ins Variadic<Mpc_Tensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif
