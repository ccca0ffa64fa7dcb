#ifndef MPC_SIMPLIFY_PASSES
#define MPC_SIMPLIFY_PASSES

include "mlir/Pass/PassBase.td"

def SimplifyPass : Pass<"mpc-simplify", "::mlir::ModuleOp"> {
  let summary = "Folds what changes no number.";
  let description = [{
    Removes identities and dead ops, makes tensors without elements constants, joins chains of reshapes and of transposes,
    gives a gemm the bias that is added to it, and computes ops of small
    constants. The names of a node that disappears go to the op that does its
    work from then on.

    A bias is joined only where the product is f32: the sum is then rounded
    twice either way. A user's cast stays.

    Expects: any module before precision is assigned. Leaves: the same functions.
    Numerics: exact. Example: test/passes/simplify/simplify.mlir
  }];
  let options = [
    Option<"report", "report", "bool", "false", "emit a remark for each rewrite">,
  ];
}

#endif
