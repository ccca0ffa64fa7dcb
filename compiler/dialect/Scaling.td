// Dynamic loss scaling (Micikevicius et al. 2018, section 3.2).
#ifndef MPC_SCALING
#define MPC_SCALING

include "compiler/dialect/Base.td"

def Mpc_NonfiniteCountOp : Mpc_PureOp<"nonfinite_count",
    (ins Variadic<Mpc_FloatTensor>:$tensors), [Mpc_ReadsOnce]> {
  let summary = "How many elements of all operands are infinite or NaN, and whether none is.";
  let results = (outs Mpc_I64Scalar:$count, Mpc_I1Scalar:$all_finite);
}

def Mpc_NormAndCountOp : Mpc_PureOp<"norm_and_count",
    (ins Variadic<Mpc_FloatTensor>:$measured, Variadic<Mpc_FloatTensor>:$tested),
    [Mpc_F32Scalars, Mpc_ReadsOnce, SameVariadicOperandSize]> {
  let summary = "global_norm of some tensors and nonfinite_count of others, in one pass.";
  let description = [{
    For where one is computed from the other, so that both are read at once.

    - norm_and_count-n1: `measured` and `tested` have the same shapes.
  }];
  let results = (outs Mpc_F32Scalar:$norm, Mpc_I64Scalar:$count, Mpc_I1Scalar:$all_finite);
  let hasVerifier = 1;
}

def Mpc_UpdateLossScaleOp : Mpc_PureOp<"update_loss_scale",
    (ins Mpc_F32Scalar:$scale, Mpc_I64Scalar:$good_steps, Mpc_I64Scalar:$bad_steps,
         Mpc_I1Scalar:$all_finite, Mpc_F32Scalar:$growth_factor,
         Mpc_F32Scalar:$growth_interval, Mpc_F32Scalar:$backoff_factor,
         Mpc_F32Scalar:$hysteresis, Mpc_F32Scalar:$min_scale, Mpc_F32Scalar:$max_scale),
    [Mpc_Elementwise, Mpc_F32Only]> {
  let summary = "The next loss scale and the two counters behind it.";
  let description = [{
    After a finite step bad_steps is 0 and good_steps grows by 1; when it reaches
    growth_interval, the scale is multiplied by growth_factor, to at most
    max_scale, and good_steps is 0. After a non-finite step good_steps is 0 and
    bad_steps grows by 1; when it reaches hysteresis (consecutive overflows), the
    scale is multiplied by backoff_factor, to at least min_scale, and bad_steps
    is 0.
  }];
  let results = (outs Mpc_F32Scalar:$next_scale, Mpc_I64Scalar:$next_good_steps,
    Mpc_I64Scalar:$next_bad_steps);
}

#endif
