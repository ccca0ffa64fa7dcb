#ifndef MPC_SIMPLIFY_PASSES
#define MPC_SIMPLIFY_PASSES

include "mlir/Pass/PassBase.td"

def SimplifyPass : Pass<"mpc-simplify", "::mlir::ModuleOp"> {
  let summary = "Folds what changes no number.";
  let description = [{
    Removes identities and dead ops, makes tensors without elements constants,
    joins chains of reshapes and of transposes, gives a product the transposes
    of its matrices and the bias that is added to it, and computes ops of constants that have up to 4096 elements or
    are one number throughout (masks, shape arithmetic that reached tensors).
    Functions such as exp are not computed: a program has its own code for
    them. The names of a node that disappears go to the op that does its work
    from then on.

    A bias is joined only where the product is f32: the sum is then rounded
    twice either way. A user's cast stays.

    Expects: any module before precision is assigned. Leaves: the same functions.
    Numerics: exact. Example: test/passes/simplify/simplify.mlir
  }];
  let options = [
    Option<"report", "report", "bool", "false", "emit a remark for each rewrite">,
  ];
}

def TrainBatchNormPass : Pass<"mpc-train-batchnorm", "::mlir::ModuleOp"> {
  let summary = "Gives BatchNormalization its training form.";
  let description = [{
    An export that was made in evaluation mode normalises by the running
    statistics. In the training form each step normalises by the batch's own and
    updates the running ones, with the momentum that the node states in the
    attribute `mpc.momentum` (0.9 without it, as in ONNX). The evaluation form
    of the program normalises by the running statistics either way.

    Refuses statistics that are not state of this node alone, because then
    several nodes would update them.

    Expects: any module before precision is assigned. Leaves: no
    `mpc.batch_normalization_inference`.
    Numerics: another function in training, as asked for.
    Example: test/passes/simplify/train-batchnorm.mlir
  }];
  let options = [
    Option<"report", "report", "bool", "false", "emit a remark for each rewrite">,
  ];
}

def RecoverOpsPass : Pass<"mpc-recover-ops", "::mlir::ModuleOp"> {
  let summary = "Finds the ops that an exporter took apart.";
  let description = [{
    Means, roots and quotients become `mpc.layer_normalization` and
    `mpc.rms_normalization`, with the scale and the bias that follow; products
    become `mpc.unary` gelu, gelu_tanh, silu and mish; the guard that makes a
    softmax of NaN 0 is removed. So policy, derivative and kernels meet the ops
    whole. The op has the names of all nodes that it stands for and the op type
    that precision rules know it by.

    Only what is computed in f32 is recovered: a narrow step in between rounds,
    and that is the model's meaning. Attention is left as it is.

    Expects: folded constants (mpc-simplify). Leaves: the same functions.
    Numerics: a recovered op computes the same function and is rounded once
    instead of after each step, so results change in the last places; in f16
    or bf16 they are nearer to the exact value. Exporters write constants such
    as sqrt(2 / pi) rounded to f32; they count within one unit of their last
    place. Removing a guard is exact for finite scores; where a score is NaN or
    overflows, the loss shows it, and the guard would have hidden it. A guard
    stays where a mask may be infinite, because a row that is masked whole then
    has the softmax 0. Example: test/passes/simplify/recover-ops.mlir
  }];
  let options = [
    Option<"report", "report", "bool", "false", "emit a remark for each rewrite">,
  ];
}

#endif
