#ifndef MPC_AUTODIFF_PASSES
#define MPC_AUTODIFF_PASSES

include "mlir/Pass/PassBase.td"

def AppendLossPass : Pass<"mpc-append-loss", "::mlir::ModuleOp"> {
  let summary = "Makes train_step from forward by appending a loss.";
  let description = [{
    `@train_step` is a copy of `@forward` with one more argument, the label, and
    ends in `mpc.gradients` of the loss, still without parameters. `@forward`
    stays as it is. The ops of the loss have the node `loss`.

    Labels of `cross-entropy` are i64 with the output's shape less its class
    axis; labels of `mse`, `l1`, `huber` and `bce-logits` have the output's type.
    With `output` the model's own output, a single element, is the loss and there
    is no label.

    Expects: `@forward`, no `@train_step`. Leaves: both.
    Numerics: none. Example: test/passes/autodiff/append-loss.mlir
  }];
  let options = [
    Option<"kind", "kind", "std::string", "\"cross-entropy\"",
           "cross-entropy, mse, l1, huber, bce-logits or output">,
    Option<"output", "output", "std::string", "\"\"",
           "name of the output that the loss is taken of; empty: the only one">,
    Option<"classAxis", "class-axis", "int64_t", "-1",
           "dimension of the output that holds the classes; negative: from the end">,
    Option<"ignoreIndex", "ignore-index", "int64_t", "-100",
           "label that does not count">,
    Option<"labelSmoothing", "label-smoothing", "double", "0",
           "share of cross-entropy's target that all classes get evenly">,
    Option<"label", "label", "std::string", "\"y\"", "name of the label">,
  ];
}

def DifferentiatePass : Pass<"mpc-differentiate", "::mlir::ModuleOp"> {
  let summary = "Adds the gradient of every trainable parameter to train_step.";
  let description = [{
    Reverse mode over the one block of `@train_step`. The derivative starts at
    `mpc.gradient_seed`; each op's part is built by its
    DifferentiableOpInterface, has the op's node and op type and the direction
    `backward`. Where a value is used more than once, its gradients are summed
    in reverse order of the uses, by `mpc.add` with the node of the use that
    adds. Gradients that no parameter needs are not built.

    Refused, all at once: an op on the way from a parameter to the loss that has
    no derivative, and a parameter that does not reach the loss.

    Expects: `mpc.gradients` without parameters. Leaves: `mpc.gradients` with
    every state of role `parameter` that train_step reads, in order of
    declaration.
    Numerics: the forward part does not change.
    Example: test/passes/autodiff/differentiate.mlir
  }];
}

def FoldEmptyProductsPass : Pass<"mpc-fold-empty-products", "::mlir::ModuleOp"> {
  let summary = "Computes the products that sum nothing.";
  let description = [{
    A matrix product whose matrices share a dimension of extent 0, a convolution
    without channels and their gradients have sums of no terms, which are 0. So
    the result is 0, to which the bias is added. Kernels of products rely on
    sums having terms.

    Comes behind the derivative, so that weights without elements have their
    gradient, also without elements.

    Expects: any module before precision is assigned. Leaves: only products
    without a result's element or with multiply-adds for each.
    Numerics: exact. Example: test/passes/autodiff/fold-empty-products.mlir
  }];
}

#endif
