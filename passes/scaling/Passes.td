#ifndef MPC_SCALING_PASSES
#define MPC_SCALING_PASSES

include "mlir/Pass/PassBase.td"

def ScaleLossPass : Pass<"mpc-scale-loss", "::mlir::ModuleOp"> {
  let summary = "Skips steps whose gradients overflow, and scales the loss for f16.";
  let description = [{
    Counts non-finite elements of all gradients as they leave the backward part;
    a step with any is not applied. If the precision attribute of any op of the
    backward part chooses f16, the derivative starts at the loss scale instead
    of 1 and `mpc.parameter_gradient` multiplies by its inverse; both are exact,
    because the scale is a power of two. Otherwise nothing is scaled and the
    gradients have the same bits as without this pass.

    The scale and its counters change in skipped steps too. With `dynamic=false`
    the scale stays at `init`.

    Expects: `@train_step` ending in `mpc.commit` with a constant `applied`.
    Leaves: `applied` and all statuses in their final form.
    Numerics: none, but for gradients that would underflow or overflow in f16.
    Example: test/passes/scaling/scale-loss.mlir
  }];
  let options = [
    Option<"init", "init", "double", "65536", "first loss scale">,
    Option<"dynamic", "dynamic", "bool", "true", "adapt the scale">,
    Option<"growthFactor", "growth-factor", "double", "2",
           "factor after growth-interval applied steps">,
    Option<"growthInterval", "growth-interval", "int64_t", "2000",
           "applied steps in a row before the scale grows">,
    Option<"backoff", "backoff", "double", "0.5", "factor after overflow">,
    Option<"hysteresis", "hysteresis", "int64_t", "1",
           "overflows in a row before the scale shrinks">,
    Option<"min", "min", "double", "1", "smallest loss scale">,
    Option<"max", "max", "double", "16777216", "largest loss scale">,
  ];
}

#endif
