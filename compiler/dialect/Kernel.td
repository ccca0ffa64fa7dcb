// Kernels: what the schedule phase forms and the lower phase launches.
#ifndef MPC_KERNEL
#define MPC_KERNEL

include "compiler/dialect/Base.td"

def Mpc_KernelOp : Op<Mpc_Dialect, "kernel", [IsolatedFromAbove, SingleBlock,
    RecursiveMemoryEffects]> {
  let summary = "One kernel, as an isolated region of mpc ops.";
  let description = [{
    The block's arguments are the operands, its yielded values the results. `root`
    names the one op that is not elementwise and decides the emitter; what it
    depends on is the prologue, what depends on it the epilogue. In a kernel of
    elementwise ops alone it is `elementwise`, and all results have one shape. The
    body of a `group` is kernels that run side by side.

    The plan phase adds `tiles` (the number of independent parts of each phase;
    phases run one after another), `workspaces` (bytes of each scratch buffer)
    and `buffers` (an index into the target's buffer table per operand, then per
    result, then per workspace). The lower phase adds `entries`, the function of
    each phase.

    - kernel-k1: block arguments have the operands' types, yields the results'.
    - kernel-k2: `buffers` has one number per operand, result and workspace.
  }];
  let arguments = (ins Variadic<Mpc_Tensor>:$inputs, StrAttr:$root, StrAttr:$provider,
    OptionalAttr<DenseI64ArrayAttr>:$tiles, OptionalAttr<DenseI64ArrayAttr>:$workspaces,
    OptionalAttr<DenseI64ArrayAttr>:$buffers, OptionalAttr<SymbolRefArrayAttr>:$entries);
  let results = (outs Variadic<Mpc_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $root `provider` $provider (`(` $inputs^ `:` type($inputs) `)`)?
    (`->` type($results)^)? attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    static constexpr ::llvm::StringLiteral groupRoot = "group";
    /// Whether the body is kernels that run side by side.
    bool isGroup() { return getRoot() == groupRoot; }
    /// The op of the body that `root` names; null if it is no op.
    ::mlir::Operation *getRootOp();
  }];
}

def Mpc_YieldOp : Op<Mpc_Dialect, "yield", [Pure, Terminator,
    HasParent<"KernelOp">]> {
  let summary = "Ends a kernel's body with its results.";
  let arguments = (ins Variadic<Mpc_Tensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif
