// Parameter updates in f32. Formulas: PyTorch's documentation of torch.optim.
#ifndef MPC_OPTIMIZER
#define MPC_OPTIMIZER

include "compiler/dialect/Base.td"

def Mpc_SgdOp : Mpc_PureOp<"sgd",
    (ins Mpc_F32Tensor:$parameter, Mpc_F32Tensor:$gradient, Optional<Mpc_F32Tensor>:$moment,
         Mpc_F32Scalar:$lr, Mpc_F32Scalar:$weight_decay, Optional<Mpc_F32Scalar>:$momentum,
         UnitAttr:$nesterov),
    [Mpc_Elementwise, Mpc_F32Only, AttrSizedOperandSegments]> {
  let summary = "Stochastic gradient descent with optional (Nesterov) momentum.";
  let description = [{
    g = gradient + weight_decay * parameter; moment' = momentum * moment + g; the
    step is g + momentum * moment' with `nesterov`, else moment' (or g without a
    moment); parameter' = parameter - lr * step.

    - update-u1: parameter, gradient, moments and results have the same shape.
    - sgd-s1: moment, momentum and the second result come together; `nesterov`
      needs them.
  }];
  let results = (outs Mpc_F32Tensor:$next_parameter, Optional<Mpc_F32Tensor>:$next_moment);
  let hasVerifier = 1;
}

def Mpc_AdamFactorsOp : Mpc_PureOp<"adam_factors",
    (ins Mpc_F32Scalar:$lr, Mpc_F32Scalar:$beta1, Mpc_F32Scalar:$beta2,
         Mpc_I64Scalar:$applied_steps), [Mpc_Elementwise, Mpc_F32Only]> {
  let summary = "What all elements of all updates by Adam share in a step.";
  let description = [{
    t = applied_steps + 1; step_size = lr / (1 - beta1^t); root = sqrt(1 - beta2^t).
    The powers are taken by repeated squaring in f32.
  }];
  let results = (outs Mpc_F32Scalar:$step_size, Mpc_F32Scalar:$root);
}

def Mpc_AdamOp : Mpc_PureOp<"adam",
    (ins Mpc_F32Tensor:$parameter, Mpc_F32Tensor:$gradient, Mpc_F32Tensor:$first_moment,
         Mpc_F32Tensor:$second_moment, Mpc_F32Scalar:$lr, Mpc_F32Scalar:$beta1,
         Mpc_F32Scalar:$beta2, Mpc_F32Scalar:$eps, Mpc_F32Scalar:$weight_decay,
         Mpc_F32Scalar:$step_size, Mpc_F32Scalar:$root, UnitAttr:$decoupled),
    [Mpc_Elementwise, Mpc_F32Only]> {
  let summary = "Adam, or AdamW with `decoupled`.";
  let description = [{
    `step_size` and `root` are adam_factors'. Adam: g = gradient + weight_decay *
    parameter; AdamW: g = gradient, and parameter is first multiplied by
    1 - lr * weight_decay. m' = beta1 * m + (1 - beta1) * g; v' = beta2 * v +
    (1 - beta2) * g * g; parameter' = parameter - step_size * m' / (sqrt(v') / root
    + eps).

    - update-u1: parameter, gradient, moments and results have the same shape.
  }];
  let results = (outs Mpc_F32Tensor:$next_parameter, Mpc_F32Tensor:$next_first_moment,
    Mpc_F32Tensor:$next_second_moment);
  let hasVerifier = 1;
}

def Mpc_StepLrOp : Mpc_PureOp<"step_lr",
    (ins Mpc_F32Scalar:$lr, Mpc_F32Scalar:$factor, Mpc_F32Scalar:$every,
         Mpc_I64Scalar:$applied_steps), [Mpc_Elementwise, Mpc_F32Only]> {
  let summary = "lr * factor^floor(applied_steps / every), the StepLR schedule.";
  let results = (outs Mpc_F32Scalar:$result);
}

def Mpc_GlobalNormOp : Mpc_PureOp<"global_norm", (ins Variadic<Mpc_FloatTensor>:$tensors),
    [Mpc_F32Scalars, Mpc_ReadsOnce]> {
  let summary = "Square root of the sum of the squares of all elements of all operands.";
  let results = (outs Mpc_F32Scalar:$norm);
}

def Mpc_ClipFactorOp : Mpc_PureOp<"clip_factor",
    (ins Mpc_F32Scalar:$norm, Mpc_F32Scalar:$max_norm), [Mpc_Elementwise, Mpc_F32Only]> {
  let summary = "min(1, max_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_.";
  let results = (outs Mpc_F32Scalar:$factor);
}

#endif
