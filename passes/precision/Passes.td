#ifndef MPC_PASSES_PRECISION
#define MPC_PASSES_PRECISION

include "mlir/Pass/PassBase.td"

def AssignPrecisionPass : Pass<"mpc-assign-precision", "::mlir::ModuleOp"> {
  let summary = "Decides which format each value is stored and read in.";
  let description = [{
    Sets `precision` on every op of `train_step` and `forward` with float slots;
    rewrites nothing. Classes come from the policy, the ops between them are
    painted (compiler/analysis/Painting.h). What an op calls a statistic stays
    f32; updates store f32 and read what was stored; a cast of the model keeps
    its types. `forward` takes its decisions from `train_step`, by node, op type
    and order; without a `train_step` it is painted itself.
    Expects: a module after the optimizer phase. Leaves: types as they were.
    Numerics: none changes. Example: test/passes/precision/assign-precision.mlir
  }];
  let options = [
    Option<"format", "format", "std::string", "\"fp16\"",
           "the step's precision: fp16, bf16 or fp32 (which asks no policy)">,
    Option<"policy", "policy", "std::string", "\"default\"",
           "default, pytorch, tensorflow, none, all, or a policy file (*.json)">,
    ListOption<"rules", "rules", "std::string",
           "rules in order: allow=OP, infer=OP, clear=OP, deny=OP or a node glob">,
  ];
}

#endif
