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
def Mpc_DivOp : Mpc_BinaryOp<"div", "Quotient, element by element: correctly rounded, or towards 0 for integers (0 where the divisor is 0).">;
def Mpc_MaxOp : Mpc_BinaryOp<"max", "The larger element; NaN if either is NaN.", [Commutative]>;
def Mpc_MinOp : Mpc_BinaryOp<"min", "The smaller element; NaN if either is NaN.", [Commutative]>;
def Mpc_PowOp : Mpc_BinaryOp<"pow", "lhs to the power of rhs, as IEEE 754 pow; integer powers wrap.">;

// The remainder, in two conventions.
def Mpc_ModOp : Mpc_BinaryOp<"mod", "Remainder with the sign of the divisor (0 where an integer divisor is 0).">;
def Mpc_FmodOp : Mpc_BinaryOp<"fmod", "Remainder with the sign of the dividend, exact (0 where an integer divisor is 0).">;

class Mpc_LogicalOp<string mnemonic, string what>
    : Mpc_PureOp<mnemonic, (ins Mpc_IntegerTensor:$lhs, Mpc_IntegerTensor:$rhs),
                 [Mpc_Elementwise, Commutative]> {
  let summary = what;
  let description = [{
    - broadcast-b1: the operands broadcast to the result's shape.
    - broadcast-b2: all have the same integer type.
  }];
  let results = (outs Mpc_IntegerTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs), [{
    auto shape = ::mpc::broadcastShapes(::mpc::shapeOf(lhs), ::mpc::shapeOf(rhs));
    build($_builder, $_state, ::mpc::typeLike(lhs, *shape), lhs, rhs);
  }]>];
  let hasVerifier = 1;
}

def Mpc_AndOp : Mpc_LogicalOp<"and", "Conjunction, bit by bit.">;
def Mpc_OrOp : Mpc_LogicalOp<"or", "Disjunction, bit by bit.">;
def Mpc_XorOp : Mpc_LogicalOp<"xor", "Exclusive disjunction, bit by bit.">;

def Mpc_CompareOp : Mpc_PureOp<"compare",
    (ins Mpc_ComparePredicateAttr:$predicate, Mpc_Tensor:$lhs, Mpc_Tensor:$rhs),
    [Mpc_Elementwise]> {
  let summary = "Whether lhs stands in a relation to rhs; false where either is NaN.";
  let description = [{
    Integers are compared as signed, i1 as 0 and 1.

    - compare-c1: the operands broadcast to the result's shape.
    - compare-c2: either both operands are floats or both have the same integer
      type.
    ```mlir
    %m = mpc.compare less %x, %y : (tensor<4xf32>, tensor<f32>) -> tensor<4xi1>
    ```
  }];
  let results = (outs StaticShapeTensorOf<[I1]>:$result);
  let assemblyFormat = "$predicate operands attr-dict `:` functional-type(operands, results)";
  let builders = [OpBuilder<(ins "::mpc::ComparePredicate":$predicate, "::mlir::Value":$lhs,
                                 "::mlir::Value":$rhs), [{
    auto shape = ::mpc::broadcastShapes(::mpc::shapeOf(lhs), ::mpc::shapeOf(rhs));
    auto type = ::mlir::RankedTensorType::get(*shape, $_builder.getI1Type());
    build($_builder, $_state, type,
          ::mpc::ComparePredicateAttr::get($_builder.getContext(), predicate), lhs, rhs);
  }]>];
  let hasVerifier = 1;
}

class Mpc_PlainUnaryOp<string mnemonic, string what, list<Trait> traits = []>
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

def Mpc_NegOp : Mpc_PlainUnaryOp<"neg", "Negation.">;
def Mpc_SqrtOp : Mpc_PlainUnaryOp<"sqrt", "Square root, correctly rounded.">;
def Mpc_ReluOp : Mpc_PlainUnaryOp<"relu", "max(x, 0); NaN stays NaN and -0 becomes 0.">;

class Mpc_TestOp<string mnemonic, string what, dag more = (ins)>
    : Mpc_PureOp<mnemonic, !con((ins Mpc_FloatTensor:$input), more), [Mpc_Elementwise]> {
  let summary = what;
  let description = [{
    - unary-u1: operand and result have the same shape.
  }];
  let results = (outs StaticShapeTensorOf<[I1]>:$result);
  let hasVerifier = 1;
}

def Mpc_IsNanOp : Mpc_TestOp<"is_nan", "Whether the element is NaN.">;
def Mpc_IsInfOp : Mpc_TestOp<"is_inf",
    "Whether the element is infinite, with a sign that is asked for.",
    (ins UnitAttr:$positive, UnitAttr:$negative)>;

def Mpc_NotOp : Mpc_PureOp<"not", (ins StaticShapeTensorOf<[I1]>:$input), [Mpc_Elementwise]> {
  let summary = "Negation of truth values.";
  let description = [{
    - unary-u1: operand and result have the same shape.
  }];
  let results = (outs StaticShapeTensorOf<[I1]>:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$input), [{
    build($_builder, $_state, input.getType(), input);
  }]>];
  let hasVerifier = 1;
}

def Mpc_UnaryOp : Mpc_PureOp<"unary",
    (ins Mpc_UnaryFunctionAttr:$function, Mpc_FloatTensor:$input,
         DefaultValuedAttr<F32Attr, "0.0f">:$alpha, DefaultValuedAttr<F32Attr, "0.0f">:$beta),
    [Mpc_Elementwise]> {
  let summary = "A function of each element.";
  let description = [{
    The functions with their formulas are cases of UnaryFunction in Base.td;
    `alpha` and `beta` are those of the formula. The formula is one operation:
    nothing is rounded inside it but in f32. docs/numerics.md states each
    function's error.

    - unary-u1: operand and result have the same shape.
    ```mlir
    %y = mpc.unary tanh %x : (tensor<4xf16>) -> tensor<4xf16>
    ```
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let assemblyFormat = "$function operands attr-dict `:` functional-type(operands, results)";
  let builders = [OpBuilder<(ins "::mpc::UnaryFunction":$function, "::mlir::Value":$input,
                                 CArg<"float", "0.0f">:$alpha, CArg<"float", "0.0f">:$beta), [{
    build($_builder, $_state, input.getType(),
          ::mpc::UnaryFunctionAttr::get($_builder.getContext(), function), input,
          $_builder.getF32FloatAttr(alpha), $_builder.getF32FloatAttr(beta));
  }]>];
  let hasVerifier = 1;
}

def Mpc_UnaryGradOp : Mpc_PureOp<"unary_grad",
    (ins Mpc_UnaryFunctionAttr:$function, Mpc_FloatTensor:$gradient, Mpc_FloatTensor:$saved,
         DefaultValuedAttr<F32Attr, "0.0f">:$alpha, DefaultValuedAttr<F32Attr, "0.0f">:$beta),
    [Mpc_Elementwise]> {
  let summary = "gradient * f'(x).";
  let description = [{
    `saved` is f(x) if derivativeReadsResult(f), else x. Functions that are
    constant between steps (hasZeroDerivative) have no such op.

    - unary_grad-u1: operands and result have the same shape.
    - unary_grad-u2: the function's derivative is not 0 everywhere.
  }];
  let results = (outs Mpc_FloatTensor:$result);
  let assemblyFormat = "$function operands attr-dict `:` functional-type(operands, results)";
  let builders = [OpBuilder<(ins "::mpc::UnaryFunction":$function, "::mlir::Value":$gradient,
                                 "::mlir::Value":$saved, CArg<"float", "0.0f">:$alpha,
                                 CArg<"float", "0.0f">:$beta), [{
    build($_builder, $_state, gradient.getType(),
          ::mpc::UnaryFunctionAttr::get($_builder.getContext(), function), gradient, saved,
          $_builder.getF32FloatAttr(alpha), $_builder.getF32FloatAttr(beta));
  }]>];
  let hasVerifier = 1;
}

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
    (ins Mpc_FloatTensor:$input, UnitAttr:$user), [Mpc_Elementwise, Mpc_KeepsZero]> {
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

def Mpc_ConvertOp : Mpc_PureOp<"convert", (ins Mpc_Tensor:$input), [Mpc_Elementwise]> {
  let summary = "Changes between integers, truth values and floats.";
  let description = [{
    An integer becomes the nearest float. A float becomes the integer towards 0,
    the nearest there is beyond the type's range, and 0 for NaN. To i1: whether
    the element differs from 0. Between integers the value wraps; i1 is 0 or 1.

    - convert-c1: operand and result have the same shape.
    - convert-c2: they differ in element type and are not both floats.
  }];
  let results = (outs Mpc_Tensor:$result);
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
