// Ops that work element by element, with NumPy broadcasting.
#ifndef MPC_ELEMENTWISE
#define MPC_ELEMENTWISE

include "compiler/dialect/Base.td"

class Mpc_BinaryOp<string mnemonic, string what, list<Trait> traits = []>
    : Mpc_PureOp<mnemonic, (ins Mpc_Tensor:$lhs, Mpc_Tensor:$rhs),
                 !listconcat([Mpc_Elementwise], traits)> {
  let summary = what;
  let description = [{
    - broadcast-b1: the operands broadcast to the result's shape.
    - broadcast-b2: either all element types are floats or all are the same
      integer type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs), [{
    auto shape = ::mpc::broadcastShapes(::mpc::shapeOf(lhs), ::mpc::shapeOf(rhs));
    build($_builder, $_state, ::mpc::typeLike(lhs, *shape), lhs, rhs);
  }]>];
  let hasVerifier = 1;
}

def Mpc_AddOp : Mpc_BinaryOp<"add", "Sum, element by element.", [Commutative]>;
def Mpc_SubOp : Mpc_BinaryOp<"sub", "Difference, element by element.">;
def Mpc_MulOp : Mpc_BinaryOp<"mul", "Product, element by element.", [Commutative]>;
def Mpc_DivOp : Mpc_BinaryOp<"div", "Quotient, element by element, correctly rounded.">;

class Mpc_UnaryOp<string mnemonic, string what, list<Trait> traits = []>
    : Mpc_PureOp<mnemonic, (ins Mpc_FloatTensor:$input),
                 !listconcat([Mpc_Elementwise], traits)> {
  let summary = what;
  let description = [{
    - unary-u1: operand and result have the same shape.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input), [{
    build($_builder, $_state, input.getType(), input);
  }]>];
  let hasVerifier = 1;
}

def Mpc_NegOp : Mpc_UnaryOp<"neg", "Negation.">;
def Mpc_SqrtOp : Mpc_UnaryOp<"sqrt", "Square root, correctly rounded.">;
def Mpc_ReluOp : Mpc_UnaryOp<"relu", "max(x, 0); NaN stays NaN and -0 becomes 0.">;

def Mpc_ReluGradOp : Mpc_PureOp<"relu_grad",
    (ins Mpc_FloatTensor:$gradient, Mpc_FloatTensor:$output), [Mpc_Elementwise]> {
  let summary = "The gradient where relu's output is positive, 0 elsewhere.";
  let description = [{
    `output` is relu's result; the derivative at 0 is 0.
    - relu_grad-r1: operands and result have the same shape.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$gradient, "::mlir::Value":$output), [{
    build($_builder, $_state, gradient.getType(), gradient, output);
  }]>];
  let hasVerifier = 1;
}

def Mpc_SelectOp : Mpc_PureOp<"select",
    (ins StaticShapeTensorOf<[I1]>:$condition, Mpc_Tensor:$lhs, Mpc_Tensor:$rhs),
    [Mpc_Elementwise]> {
  let summary = "lhs where the condition holds, rhs elsewhere.";
  let description = [{
    - select-s1: the three operands broadcast to the result's shape.
    - select-s2: either all of lhs, rhs and result are floats or all have the
      same integer type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let hasVerifier = 1;
}

def Mpc_CastOp : Mpc_PureOp<"cast",
    (ins Mpc_FloatTensor:$input, UnitAttr:$user), [Mpc_Elementwise]> {
  let summary = "Changes the float format of a tensor and nothing else.";
  let description = [{
    Rounds every element to the result format, to nearest, ties to even. What
    lies beyond its largest finite number becomes infinity. NaN stays NaN.
    `user` marks a cast that the model itself contains: it is semantics and is
    never removed.

    - cast-c1: operand and result have the same shape.
    - cast-c2: operand and result differ in element type, unless it is a user's.
    ```mlir
    %h = mpc.cast %x : tensor<4x8xf32> to tensor<4x8xbf16>
    ```
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

def Mpc_ConstantOp : Mpc_Op<"constant", (ins ElementsAttr:$value), [Pure, ConstantLike]> {
  let summary = "A tensor known at compile time.";
  let description = [{
    - constant-c1: the value has the result's type.
  }];
  let results = (outs Mpc_Tensor:$result);
  let assemblyFormat = "$value attr-dict `:` type($result)";
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value), [{
    build($_builder, $_state, value.getType(), value);
  }]>];
  let hasFolder = 1;
  let hasVerifier = 1;
}

#endif
