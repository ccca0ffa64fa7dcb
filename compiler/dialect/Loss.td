// Losses with a scalar f32 result, and their gradients.
#ifndef MPC_LOSS
#define MPC_LOSS

include "compiler/dialect/Base.td"

def Mpc_CrossEntropyOp : Mpc_PureOp<"cross_entropy",
    (ins Mpc_FloatTensor:$logits, StaticShapeTensorOf<[I64]>:$labels,
         I64Attr:$class_axis, I64Attr:$ignore_index), [Mpc_F32Scalars]> {
  let summary = "Mean over labels of log(sum(exp(logits))) - logits[label].";
  let description = [{
    The maximum is subtracted before exp. Labels equal to `ignore_index` do not
    count; the result is 0 if none counts.

    - cross_entropy-x1: `class_axis` is a dimension of the logits.
    - cross_entropy-x2: the labels have the logits' shape without that axis.
  }];
  let results = (outs Mpc_F32Scalar:$loss);
  let hasVerifier = 1;
}

def Mpc_CrossEntropyGradOp : Mpc_PureOp<"cross_entropy_grad",
    (ins Mpc_F32Scalar:$gradient, Mpc_FloatTensor:$logits,
         StaticShapeTensorOf<[I64]>:$labels, I64Attr:$class_axis, I64Attr:$ignore_index),
    [Mpc_F32Scalars]> {
  let summary = "gradient * (softmax(logits) - onehot(labels)) / number of labels that count.";
  let description = [{
    Rows of ignored labels are 0.

    - cross_entropy-x1: `class_axis` is a dimension of the logits.
    - cross_entropy-x2: the labels have the logits' shape without that axis.
    - cross_entropy_grad-x3: the result has the logits' shape.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let hasVerifier = 1;
}

def Mpc_MseOp : Mpc_PureOp<"mse", (ins Mpc_FloatTensor:$prediction, Mpc_FloatTensor:$target),
    [Mpc_F32Scalars]> {
  let summary = "Mean of the squared differences.";
  let description = [{
    - mse-m1: prediction and target have the same shape.
  }];
  let results = (outs Mpc_F32Scalar:$loss);
  let hasVerifier = 1;
}

def Mpc_MseGradOp : Mpc_PureOp<"mse_grad",
    (ins Mpc_F32Scalar:$gradient, Mpc_FloatTensor:$prediction, Mpc_FloatTensor:$target),
    [Mpc_Elementwise, Mpc_F32Scalars]> {
  let summary = "gradient * 2 * (prediction - target) / number of elements.";
  let description = [{
    - mse_grad-m1: prediction, target and result have the same shape.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let hasVerifier = 1;
}

#endif
