// Normalisation: per channel over the batch, or per row.
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

// Rows are the elements behind the first dimensions: `axis` is the first
// dimension of a row.
def Mpc_LayerNormalizationOp : Mpc_PureOp<"layer_normalization",
    (ins Mpc_FloatTensor:$input, Optional<Mpc_F32Tensor>:$scale, Optional<Mpc_F32Tensor>:$bias,
         I64Attr:$axis, F32Attr:$epsilon), [AttrSizedOperandSegments], Mpc_OwnSlots> {
  let summary = "Normalises each row by its own mean and variance (ONNX LayerNormalization).";
  let description = [{
    y = (x - mean) * inv_std * scale + bias with inv_std = 1 / sqrt(var +
    epsilon), var the population variance (Ba et al. 2016). Scale, bias and
    statistics stay f32 under every policy.

    - layer_norm-n1: `axis` is a dimension of the input.
    - layer_norm-n2: scale and bias, if given, have the shape of a row.
    - layer_norm-n3: the output has the input's shape, mean and inv_std have it
      with 1 in place of the row's dimensions.
  }];
  let results = (outs Mpc_FloatTensor:$output, Mpc_F32Tensor:$mean, Mpc_F32Tensor:$inv_std);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$scale,
    "::mlir::Value":$bias, "int64_t":$axis, "float":$epsilon)>];
  let hasVerifier = 1;
}

def Mpc_LayerNormalizationGradOp : Mpc_PureOp<"layer_normalization_grad",
    (ins Mpc_FloatTensor:$gradient, Mpc_FloatTensor:$input, Optional<Mpc_F32Tensor>:$scale,
         Mpc_F32Tensor:$mean, Mpc_F32Tensor:$inv_std, I64Attr:$axis), [], Mpc_OwnSlots> {
  let summary = "The gradients of layer_normalization by input, scale and bias.";
  let description = [{
    With xhat = (x - mean) * inv_std, g = dy * scale and means over a row of n
    elements: dx = inv_std * (g - mean(g) - xhat * mean(g * xhat)); dscale and
    dbias are the sums of dy * xhat and dy over the rows.

    - layer_norm_grad-n1: `axis` is a dimension of the input.
    - layer_norm_grad-n2: scale and the last two results have the shape of a row.
    - layer_norm_grad-n3: gradient, input and first result have the same shape,
      mean and inv_std have it with 1 in place of the row's dimensions.
  }];
  let results = (outs Mpc_FloatTensor:$input_gradient, Mpc_F32Tensor:$scale_gradient,
    Mpc_F32Tensor:$bias_gradient);
  let builders = [OpBuilder<(ins "::mlir::Value":$gradient, "::mlir::Value":$input,
    "::mlir::Value":$scale, "::mlir::Value":$mean, "::mlir::Value":$invStd, "int64_t":$axis)>];
  let hasVerifier = 1;
}

def Mpc_RmsNormalizationOp : Mpc_PureOp<"rms_normalization",
    (ins Mpc_FloatTensor:$input, Optional<Mpc_F32Tensor>:$scale, I64Attr:$axis,
         F32Attr:$epsilon), [], Mpc_OwnSlots> {
  let summary = "Divides each row by the root of its mean square.";
  let description = [{
    y = x * inv_rms * scale with inv_rms = 1 / sqrt(mean(x^2) + epsilon) (Zhang and
    Sennrich 2019). Scale and inv_rms stay f32 under every policy.

    - rms_norm-n1: `axis` is a dimension of the input.
    - rms_norm-n2: scale, if given, has the shape of a row.
    - rms_norm-n3: the output has the input's shape, inv_rms has it with 1 in
      place of the row's dimensions.
  }];
  let results = (outs Mpc_FloatTensor:$output, Mpc_F32Tensor:$inv_rms);
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$scale,
    "int64_t":$axis, "float":$epsilon)>];
  let hasVerifier = 1;
}

def Mpc_RmsNormalizationGradOp : Mpc_PureOp<"rms_normalization_grad",
    (ins Mpc_FloatTensor:$gradient, Mpc_FloatTensor:$input, Optional<Mpc_F32Tensor>:$scale,
         Mpc_F32Tensor:$inv_rms, I64Attr:$axis), [], Mpc_OwnSlots> {
  let summary = "The gradients of rms_normalization by input and scale.";
  let description = [{
    With xhat = x * inv_rms, g = dy * scale and means over a row: dx = inv_rms *
    (g - xhat * mean(g * xhat)); dscale is the sum of dy * xhat over the rows.

    - rms_norm_grad-n1: `axis` is a dimension of the input.
    - rms_norm_grad-n2: scale and the last result have the shape of a row.
    - rms_norm_grad-n3: gradient, input and first result have the same shape,
      inv_rms has it with 1 in place of the row's dimensions.
  }];
  let results = (outs Mpc_FloatTensor:$input_gradient, Mpc_F32Tensor:$scale_gradient);
  let builders = [OpBuilder<(ins "::mlir::Value":$gradient, "::mlir::Value":$input,
    "::mlir::Value":$scale, "::mlir::Value":$invRms, "int64_t":$axis)>];
  let hasVerifier = 1;
}

#endif
