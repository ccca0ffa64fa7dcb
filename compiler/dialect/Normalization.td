// Batch normalisation over [N, C, ...] per channel C.
#ifndef MPC_NORMALIZATION
#define MPC_NORMALIZATION

include "compiler/dialect/Base.td"

def Mpc_BatchNormalizationOp : Mpc_PureOp<"batch_normalization",
    (ins Mpc_FloatTensor:$input, Mpc_F32Tensor:$scale, Mpc_F32Tensor:$bias,
         Mpc_F32Tensor:$running_mean, Mpc_F32Tensor:$running_var,
         F32Attr:$epsilon, F32Attr:$momentum),
    [DeclareOpInterfaceMethods<Mpc_StateUpdateOpInterface>,
     DeclareOpInterfaceMethods<Mpc_TrainingFormOpInterface>], Mpc_OwnSlots> {
  let summary = "Normalises by the batch's own statistics (training form).";
  let description = [{
    ONNX BatchNormalization, training_mode = 1: y = (x - mean) * inv_std * scale
    + bias with inv_std = 1 / sqrt(var + epsilon), mean and population variance
    over all dimensions but 1; next_mean = running_mean * momentum + mean * (1 -
    momentum), next_var likewise. Statistic slots stay f32 under every policy.

    - batch_norm-b1: the input has rank 2 or more; scale, bias and statistics are
      [C].
    - batch_norm-b2: the output has the input's shape.
  }];
  let results = (outs Mpc_FloatTensor:$output, Mpc_F32Tensor:$next_mean,
    Mpc_F32Tensor:$next_var, Mpc_F32Tensor:$mean, Mpc_F32Tensor:$inv_std);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$scale,
    "::mlir::Value":$bias, "::mlir::Value":$runningMean, "::mlir::Value":$runningVar,
    "float":$epsilon, "float":$momentum)>];
  let hasVerifier = 1;
}

def Mpc_BatchNormalizationInferenceOp : Mpc_PureOp<"batch_normalization_inference",
    (ins Mpc_FloatTensor:$input, Mpc_F32Tensor:$scale, Mpc_F32Tensor:$bias,
         Mpc_F32Tensor:$running_mean, Mpc_F32Tensor:$running_var,
         F32Attr:$epsilon), [], Mpc_OwnSlots> {
  let summary = "Normalises by running statistics (evaluation form).";
  let description = [{
    - batch_norm-b1: the input has rank 2 or more; scale, bias and statistics are
      [C].
    - batch_norm-b2: the output has the input's shape.
  }];
  let results = (outs Mpc_FloatTensor:$output);
  let hasVerifier = 1;
}

def Mpc_BatchNormalizationGradOp : Mpc_PureOp<"batch_normalization_grad",
    (ins Mpc_FloatTensor:$gradient, Mpc_FloatTensor:$input, Mpc_F32Tensor:$scale,
         Mpc_F32Tensor:$mean, Mpc_F32Tensor:$inv_std), [], Mpc_OwnSlots> {
  let summary = "The gradients of batch_normalization by input, scale and bias.";
  let description = [{
    With xhat = (x - mean) * inv_std, n elements per channel and sums per
    channel: dbias = sum(dy), dscale = sum(dy * xhat), dx = scale * inv_std *
    (dy - dbias / n - xhat * dscale / n) (Ioffe and Szegedy 2015, section 3).

    - batch_norm_grad-b1: gradient, input and the first result have the same
      shape; the vectors are [C].
  }];
  let results = (outs Mpc_FloatTensor:$input_gradient, Mpc_F32Tensor:$scale_gradient,
    Mpc_F32Tensor:$bias_gradient);
  let hasVerifier = 1;
}

#endif
