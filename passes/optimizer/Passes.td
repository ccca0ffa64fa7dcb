#ifndef MPC_OPTIMIZER_PASSES
#define MPC_OPTIMIZER_PASSES

include "mlir/Pass/PassBase.td"

def AddOptimizerPass : Pass<"mpc-add-optimizer", "::mlir::ModuleOp"> {
  let summary = "Turns gradients into one transaction on the state.";
  let description = [{
    Declares moments, hyper-parameters and `applied_steps`; passes each gradient
    through `mpc.parameter_gradient`, clipping if asked for, and the update op;
    ends `@train_step` in `mpc.commit` of the next parameters, moments,
    statistics and `applied_steps`. `applied` is a constant true until the
    scaling phase. State that nothing updates is written back as it was read.
    `@forward` takes its evaluation form and `@derive` appears, empty.

    The optimizer's kind, Nesterov, the use of momentum and clipping are fixed
    here; the numbers are the initial values of hyper-parameters, which the user
    may set at run time. The schedule is computed from `applied_steps`.

    Expects: `@train_step` ending in `mpc.gradients`. Leaves: `@train_step`,
    `@forward`, `@derive`.
    Numerics: PyTorch's formulas. Example: test/passes/optimizer/add-optimizer.mlir
  }];
  let options = [
    Option<"kind", "kind", "std::string", "\"sgd\"", "sgd, adam or adamw">,
    Option<"lr", "lr", "double", "-1",
           "learning rate; negative: PyTorch's default, 0.01 for sgd, else 0.001">,
    Option<"momentum", "momentum", "double", "0", "of sgd; 0: no moment is kept">,
    Option<"nesterov", "nesterov", "bool", "false", "Nesterov momentum, of sgd">,
    Option<"weightDecay", "weight-decay", "double", "-1",
           "negative: PyTorch's default, 0.01 for adamw, else 0">,
    Option<"beta1", "beta1", "double", "0.9", "of adam and adamw">,
    Option<"beta2", "beta2", "double", "0.999", "of adam and adamw">,
    Option<"eps", "eps", "double", "1e-8", "of adam and adamw">,
    Option<"clipNorm", "clip-norm", "double", "0",
           "largest global norm of the gradients; 0 or less: no clipping">,
    Option<"lrSchedule", "lr-schedule", "std::string", "\"constant\"",
           "constant, or step:EVERY:FACTOR">,
  ];
}

def KeepForwardPass : Pass<"mpc-keep-forward", "::mlir::ModuleOp"> {
  let summary = "Makes a program that evaluates and never trains.";
  let description = [{
    `@forward` takes its evaluation form and `@derive` appears, empty. There is
    no `@train_step`, so nothing changes the state.

    Expects: `@forward` alone. Leaves: `@forward`, `@derive`.
    Numerics: exact. Example: test/passes/optimizer/keep-forward.mlir
  }];
}

#endif
