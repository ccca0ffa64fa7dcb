// State of a training program and the transaction that changes it.
#ifndef MPC_STATE
#define MPC_STATE

include "compiler/dialect/Base.td"

def Mpc_StateOp : Op<Mpc_Dialect, "state", [Symbol]> {
  let summary = "Declares a tensor that lives across steps.";
  let description = [{
    `initializer` is `#mpc.fill`, `#mpc.uniform`, `#mpc.normal` or `#mpc.file`.
    Derived state has none: `derived_from` names the state that it is computed
    from, it is recomputed by `derive` and never saved. `parameter` names the
    parameter whose moment this is.

    - state-s1: derived state has `derived_from` and no initializer; other state
      has an initializer and no `derived_from`.
    - state-s2: the type is a static tensor.
    ```mlir
    mpc.state @fc.weight : tensor<10x64xf32> {role = #mpc.role<parameter>,
        initializer = #mpc.uniform<0.3>}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type,
    Mpc_StateRoleAttr:$role, OptionalAttr<AnyAttr>:$initializer,
    OptionalAttr<FlatSymbolRefAttr>:$derived_from,
    OptionalAttr<FlatSymbolRefAttr>:$parameter,
    OptionalAttr<StrArrayAttr>:$node);
  let assemblyFormat = "$sym_name `:` $type attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getTensorType() {
      return ::llvm::cast<::mlir::RankedTensorType>(getType());
    }
    /// Whether a step's commit must write this state. Derived state is mutable
    /// if what it is derived from is.
    bool isMutable();
  }];
}

def Mpc_ReadOp : Mpc_Op<"read", (ins FlatSymbolRefAttr:$state),
    [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "The value of a state at the start of the step.";
  let description = [{
    - read-s1: the symbol is a state of the result's type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let assemblyFormat = "$state attr-dict `:` type($result)";
}

def Mpc_GradientSeedOp : Mpc_PureOp<"gradient_seed",
    (ins Optional<Mpc_F32Scalar>:$scale), [Mpc_Elementwise, Mpc_F32Only]> {
  let summary = "The gradient of the loss by itself: 1, or the loss scale.";
  let results = (outs Mpc_F32Scalar:$result);
}

def Mpc_ParameterGradientOp : Mpc_PureOp<"parameter_gradient",
    (ins Mpc_FloatTensor:$gradient, Optional<Mpc_F32Scalar>:$inverse_scale,
         FlatSymbolRefAttr:$parameter), [Mpc_Elementwise, Mpc_KeepsZero], Mpc_OwnSlots> {
  let summary = "The gradient of a parameter as the optimizer reads it: f32, unscaled.";
  let description = [{
    Widens to f32 and multiplies by `inverse_scale` if there is one. The result
    is f32 because an unscaled gradient may be smaller than f16 can hold.
    - parameter_gradient-g1: operand and result have the same shape.
  }];
  let results = (outs Mpc_F32Tensor:$result);
  let hasVerifier = 1;
}

def Mpc_GradientsOp : Op<Mpc_Dialect, "gradients", [Terminator, Pure,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Ends train_step between differentiation and the optimizer.";
  let description = [{
    Holds the loss, the gradient of each trainable parameter, and the next value
    of every statistic.
    - gradients-g1: as many gradients as parameters, of the parameters' shapes.
  }];
  let arguments = (ins Mpc_F32Scalar:$loss, ArrayAttr:$parameters,
    Variadic<Mpc_FloatTensor>:$gradients);
  let assemblyFormat = "$loss `:` type($loss) `,` $parameters (`(` $gradients^ `:` type($gradients) `)`)? attr-dict";
}

def Mpc_CommitOp : Op<Mpc_Dialect, "commit", [Terminator, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Ends a step: the only writer of state.";
  let description = [{
    `predicated` states change if `applied` is true and keep their start-of-step
    value otherwise; `always` states change in any case. `status` values are
    reported to the caller under their names (see the status block in
    docs/artifact.md).

    - commit-c1: names and values pair up, and each value has its state's type.
    - commit-c2: in `train_step` each mutable state is written exactly once and
      nothing else is; in `derive` the same holds for derived state.
    - commit-c3: only state of role `loop` is written always in `train_step`.
    - commit-c4: in `train_step` there is an `applied`.
  }];
  let arguments = (ins Optional<Mpc_I1Scalar>:$applied,
    ArrayAttr:$predicated_states, Variadic<Mpc_Tensor>:$predicated,
    ArrayAttr:$always_states, Variadic<Mpc_Tensor>:$always,
    StrArrayAttr:$status_names, Variadic<Mpc_Tensor>:$status);
  let assemblyFormat = [{
    ($applied^ `:` type($applied))?
    `predicated` $predicated_states (`(` $predicated^ `:` type($predicated) `)`)?
    `always` $always_states (`(` $always^ `:` type($always) `)`)?
    `status` $status_names (`(` $status^ `:` type($status) `)`)?
    attr-dict
  }];
}

#endif
