// Losses with a scalar f32 result, and their gradients.
#ifndef MPC_LOSS
#define MPC_LOSS

include "compiler/dialect/Base.td"

def Mpc_CrossEntropyOp : Mpc_PureOp<"cross_entropy",
    (ins Mpc_FloatTensor:$logits, StaticShapeTensorOf<[I64]>:$labels,
         Optional<Mpc_F32Tensor>:$weights, I64Attr:$class_axis, I64Attr:$ignore_index,
         DefaultValuedAttr<F32Attr, "0.0f">:$label_smoothing), [Mpc_F32Scalars]> {
  let summary = "Weighted mean over labels of the cross entropy with softmax(logits).";
  let description = [{
    A label y contributes weights[y] * (1 - s) * -logp[y] + s / C * sum over c of
    weights[c] * -logp[c] with logp = log_softmax(logits), C classes and s the
    label smoothing; the sum is divided by the sum of weights[y] (PyTorch,
    CrossEntropyLoss). Without weights they are 1. The maximum is subtracted
    before exp. Labels equal to `ignore_index` do not count; the result is 0 if
    none counts.

    - cross_entropy-x1: `class_axis` is a dimension of the logits.
    - cross_entropy-x2: the labels have the logits' shape without that axis.
    - cross_entropy-x4: weights, if given, are [C].
    - cross_entropy-x5: 0 <= label_smoothing < 1.
  }];
  let results = (outs Mpc_F32Scalar:$loss);
  let hasVerifier = 1;
}

// Of the gradient, alone and with the loss.
defvar crossEntropyGradOperands =
    (ins Mpc_F32Scalar:$gradient, Mpc_FloatTensor:$logits,
         StaticShapeTensorOf<[I64]>:$labels, Optional<Mpc_F32Tensor>:$weights,
         I64Attr:$class_axis, I64Attr:$ignore_index,
         DefaultValuedAttr<F32Attr, "0.0f">:$label_smoothing);

def Mpc_CrossEntropyGradOp : Mpc_PureOp<"cross_entropy_grad",
    crossEntropyGradOperands, [Mpc_F32Scalars]> {
  let summary = "The gradient of cross_entropy by its logits.";
  let description = [{
    For label y, with p = softmax(logits), s and C as in cross_entropy and W the
    sum of weights[y] that it divides by: gradient / W * (weights[y] * (1 - s) *
    (p[c] - (c == y)) + s / C * (p[c] * sum(weights) - weights[c])). Rows of
    ignored labels are 0.

    - cross_entropy-x1: `class_axis` is a dimension of the logits.
    - cross_entropy-x2: the labels have the logits' shape without that axis.
    - cross_entropy-x4: weights, if given, are [C].
    - cross_entropy-x5: 0 <= label_smoothing < 1.
    - cross_entropy_grad-x3: the result has the logits' shape.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let hasVerifier = 1;
}

def Mpc_CrossEntropyAndGradOp : Mpc_PureOp<"cross_entropy_and_grad",
    crossEntropyGradOperands, [Mpc_F32Scalars]> {
  let summary = "cross_entropy and its gradient by the logits, which are read once.";
  let description = [{
    - cross_entropy-x1, x2, x4 and x5 hold here as well.
    - cross_entropy_and_grad-x1: the gradient has the logits' shape.
  }];
  let results = (outs Mpc_F32Scalar:$loss, Mpc_FloatTensor:$result);
  let hasVerifier = 1;
}

def Mpc_PointwiseLossOp : Mpc_PureOp<"pointwise_loss",
    (ins Mpc_PointwiseLossAttr:$kind, Mpc_FloatTensor:$prediction, Mpc_FloatTensor:$target),
    [Mpc_F32Scalars]> {
  let summary = "Mean over elements of a loss of prediction and target.";
  let description = [{
    The formulas are cases of PointwiseLoss in Base.td.

    - pointwise_loss-p1: prediction and target have the same shape.
    ```mlir
    %l = mpc.pointwise_loss mse %p, %t : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
    ```
  }];
  let results = (outs Mpc_F32Scalar:$loss);
  let assemblyFormat = "$kind operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Mpc_PointwiseLossGradOp : Mpc_PureOp<"pointwise_loss_grad",
    (ins Mpc_PointwiseLossAttr:$kind, Mpc_F32Scalar:$gradient, Mpc_FloatTensor:$prediction,
         Mpc_FloatTensor:$target),
    [Mpc_Elementwise, Mpc_F32Scalars]> {
  let summary = "The gradient of pointwise_loss by its prediction.";
  let description = [{
    gradient / number of elements times the loss's derivative: 2 * d for mse,
    sign(d) for l1, d cut to -1..1 for huber, sigmoid(p) - t for bce_logits.

    - pointwise_loss_grad-p1: prediction, target and result have the same shape.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let assemblyFormat = "$kind operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
