// The dialect, its enums and attributes, and the base class of its ops.
#ifndef MPC_BASE
#define MPC_BASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "compiler/dialect/Interfaces.td"

def Mpc_Dialect : Dialect {
  let name = "mpc";
  let cppNamespace = "::mpc";
  let summary = "Training steps on tensors, before any target is chosen.";
  let description = [{
    A module holds `mpc.state` symbols and up to three functions: `train_step`,
    `forward` (the model as it is evaluated) and `derive` (what is computed from
    other state). Tensors are ranked and static.

    Every floating-point op widens its operands to f32 (exactly), computes and
    accumulates in f32, and rounds each result once to that result's type.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  // Each family's file compiles the code of its own ops.
  let extraClassDeclaration = [{
    void addStateOps();
    void addElementwiseOps();
    void addShapeOps();
    void addIndexingOps();
    void addReductionOps();
    void addLinearAlgebraOps();
    void addConvolutionOps();
    void addPoolingOps();
    void addSoftmaxOps();
    void addNormalizationOps();
    void addLossOps();
    void addRandomOps();
    void addOptimizerOps();
    void addScalingOps();
    void addKernelOps();
  }];
}

//===-- Enums -------------------------------------------------------------===//

class Mpc_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mpc";
  let genSpecializedAttr = 0;
}

def Mpc_Direction : Mpc_Enum<"Direction", "the part of a step an op belongs to", [
  I32EnumAttrCase<"Forward", 0, "forward">,
  I32EnumAttrCase<"Backward", 1, "backward">,
  I32EnumAttrCase<"Update", 2, "update">]>;
def Mpc_DirectionAttr : EnumAttr<Mpc_Dialect, Mpc_Direction, "direction"> {
  let assemblyFormat = "`<` $value `>`";
}

def Mpc_StateRole : Mpc_Enum<"StateRole", "what a state is; see docs/artifact.md", [
  I32EnumAttrCase<"Parameter", 0, "parameter">,
  I32EnumAttrCase<"Constant", 1, "constant">,
  I32EnumAttrCase<"Statistic", 2, "statistic">,
  I32EnumAttrCase<"Moment", 3, "moment">,
  I32EnumAttrCase<"Step", 4, "step">,
  I32EnumAttrCase<"Hyper", 5, "hyper">,
  I32EnumAttrCase<"Loop", 6, "loop">,
  I32EnumAttrCase<"Derived", 7, "derived">]>;
def Mpc_StateRoleAttr : EnumAttr<Mpc_Dialect, Mpc_StateRole, "role"> {
  let assemblyFormat = "`<` $value `>`";
}

// Functions of one float, with up to two parameters. x is the operand.
def Mpc_UnaryFunction : Mpc_Enum<"UnaryFunction", "a function of one float", [
  I32EnumAttrCase<"Abs", 0, "abs">,
  I32EnumAttrCase<"Sign", 1, "sign">,
  I32EnumAttrCase<"Floor", 2, "floor">,
  I32EnumAttrCase<"Ceil", 3, "ceil">,
  I32EnumAttrCase<"Round", 4, "round">,           // to nearest, ties to even
  I32EnumAttrCase<"Reciprocal", 5, "reciprocal">, // correctly rounded
  I32EnumAttrCase<"Exp", 6, "exp">,
  I32EnumAttrCase<"Log", 7, "log">,
  I32EnumAttrCase<"Sin", 8, "sin">,
  I32EnumAttrCase<"Cos", 9, "cos">,
  I32EnumAttrCase<"Tan", 10, "tan">,
  I32EnumAttrCase<"Asin", 11, "asin">,
  I32EnumAttrCase<"Acos", 12, "acos">,
  I32EnumAttrCase<"Atan", 13, "atan">,
  I32EnumAttrCase<"Sinh", 14, "sinh">,
  I32EnumAttrCase<"Cosh", 15, "cosh">,
  I32EnumAttrCase<"Tanh", 16, "tanh">,
  I32EnumAttrCase<"Asinh", 17, "asinh">,
  I32EnumAttrCase<"Acosh", 18, "acosh">,
  I32EnumAttrCase<"Atanh", 19, "atanh">,
  I32EnumAttrCase<"Erf", 20, "erf">,
  I32EnumAttrCase<"Sigmoid", 21, "sigmoid">,      // 1 / (1 + exp(-x))
  I32EnumAttrCase<"Softplus", 22, "softplus">,    // log(1 + exp(x))
  I32EnumAttrCase<"Softsign", 23, "softsign">,    // x / (1 + |x|)
  I32EnumAttrCase<"Silu", 24, "silu">,            // x * sigmoid(x)
  I32EnumAttrCase<"Mish", 25, "mish">,            // x * tanh(softplus(x))
  I32EnumAttrCase<"Gelu", 26, "gelu">,            // x / 2 * (1 + erf(x / sqrt(2)))
  // x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
  I32EnumAttrCase<"GeluTanh", 27, "gelu_tanh">,
  I32EnumAttrCase<"Elu", 28, "elu">,              // x > 0 ? x : alpha * (exp(x) - 1)
  // beta * (x > 0 ? x : alpha * (exp(x) - 1))
  I32EnumAttrCase<"Selu", 29, "selu">,
  // max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))
  I32EnumAttrCase<"Celu", 30, "celu">,
  I32EnumAttrCase<"LeakyRelu", 31, "leaky_relu">, // x < 0 ? alpha * x : x
  I32EnumAttrCase<"ThresholdedRelu", 32, "thresholded_relu">, // x > alpha ? x : 0
  // max(0, min(1, alpha * x + beta))
  I32EnumAttrCase<"HardSigmoid", 33, "hard_sigmoid">,
  // x * max(0, min(1, x / 6 + 1 / 2))
  I32EnumAttrCase<"HardSwish", 34, "hard_swish">,
  // x < -alpha ? x + beta : x > alpha ? x - beta : 0
  I32EnumAttrCase<"Shrink", 35, "shrink">]>;
def Mpc_UnaryFunctionAttr : EnumAttr<Mpc_Dialect, Mpc_UnaryFunction, "function">;

def Mpc_ComparePredicate : Mpc_Enum<"ComparePredicate", "a relation of two numbers", [
  I32EnumAttrCase<"Equal", 0, "equal">,
  I32EnumAttrCase<"Less", 1, "less">,
  I32EnumAttrCase<"LessOrEqual", 2, "less_or_equal">,
  I32EnumAttrCase<"Greater", 3, "greater">,
  I32EnumAttrCase<"GreaterOrEqual", 4, "greater_or_equal">]>;
def Mpc_ComparePredicateAttr : EnumAttr<Mpc_Dialect, Mpc_ComparePredicate, "predicate">;

def Mpc_ScatterReduction : Mpc_Enum<"ScatterReduction", "what scatter does with an update", [
  I32EnumAttrCase<"None", 0, "none">, // replaces; the last of several wins
  I32EnumAttrCase<"Add", 1, "add">,
  I32EnumAttrCase<"Mul", 2, "mul">,
  I32EnumAttrCase<"Max", 3, "max">,
  I32EnumAttrCase<"Min", 4, "min">]>;
def Mpc_ScatterReductionAttr : EnumAttr<Mpc_Dialect, Mpc_ScatterReduction, "reduction">;

// Losses that compare a prediction p with a target t element by element; d is
// p - t.
def Mpc_PointwiseLoss : Mpc_Enum<"PointwiseLoss", "a loss per element", [
  I32EnumAttrCase<"Mse", 0, "mse">,     // d^2
  I32EnumAttrCase<"L1", 1, "l1">,       // |d|
  I32EnumAttrCase<"Huber", 2, "huber">, // |d| <= 1 ? d^2 / 2 : |d| - 1 / 2
  // max(p, 0) - p * t + log(1 + exp(-|p|))
  I32EnumAttrCase<"BceLogits", 3, "bce_logits">]>;
def Mpc_PointwiseLossAttr : EnumAttr<Mpc_Dialect, Mpc_PointwiseLoss, "pointwise">;

//===-- Attributes --------------------------------------------------------===//

class Mpc_Attr<string name, string attrMnemonic> : AttrDef<Mpc_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Mpc_ChoiceAttr : Mpc_Attr<"Choice", "choice"> {
  let summary = "The type chosen for one operand slot or result, and why.";
  let description = [{
    `reason` is one sentence; `origin` names the rule's source: a preset and its
    version, an option as typed, or a file and the number of its rule.
  }];
  let parameters = (ins "::mlir::Type":$type, StringRefParameter<>:$reason,
                    StringRefParameter<>:$origin);
  let assemblyFormat = "`<` $type `,` $reason `,` $origin `>`";
}

def Mpc_PrecisionAttr : Mpc_Attr<"Precision", "precision"> {
  let summary = "The precision decision for one op.";
  let description = [{
    The policy's class for the op (`allow`, `infer`, `clear`, `deny`; empty where
    no policy applies), one choice per operand slot (the type it is read in) and
    one per result (the type it is stored in), in order.
    ```mlir
    #mpc.precision<clear [f16 "joins a narrow op" from "default 1"] ->
                         [f16 "joins a narrow op" from "default 1"]>
    ```
  }];
  let parameters = (ins StringRefParameter<>:$policy_class, ArrayRefParameter<"::mpc::ChoiceAttr">:$reads,
                    ArrayRefParameter<"::mpc::ChoiceAttr">:$stores);
  let builders = [AttrBuilder<(ins "::llvm::ArrayRef<::mpc::ChoiceAttr>":$reads,
                                   "::llvm::ArrayRef<::mpc::ChoiceAttr>":$stores), [{
    return $_get($_ctxt, "", reads, stores);
  }]>];
  let hasCustomAssemblyFormat = 1;
}

def Mpc_FillAttr : Mpc_Attr<"Fill", "fill"> {
  let summary = "Initialises every element with one value.";
  let parameters = (ins "::mlir::FloatAttr":$value);
  let builders = [AttrBuilder<(ins "double":$number), [{
    return $_get($_ctxt, ::mlir::FloatAttr::get(::mlir::Float64Type::get($_ctxt), number));
  }]>];
  let extraClassDeclaration = [{
    double asDouble() const { return getValue().getValueAsDouble(); }
  }];
  let hasCustomAssemblyFormat = 1;
}

def Mpc_UniformAttr : Mpc_Attr<"Uniform", "uniform"> {
  let summary = "Initialises with U(-bound, bound).";
  let parameters = (ins "::mlir::FloatAttr":$bound);
  let builders = [AttrBuilder<(ins "double":$number), [{
    return $_get($_ctxt, ::mlir::FloatAttr::get(::mlir::Float64Type::get($_ctxt), number));
  }]>];
  let extraClassDeclaration = [{
    double asDouble() const { return getBound().getValueAsDouble(); }
  }];
  let hasCustomAssemblyFormat = 1;
}

def Mpc_NormalAttr : Mpc_Attr<"Normal", "normal"> {
  let summary = "Initialises with N(0, std^2).";
  let parameters = (ins "::mlir::FloatAttr":$std);
  let builders = [AttrBuilder<(ins "double":$number), [{
    return $_get($_ctxt, ::mlir::FloatAttr::get(::mlir::Float64Type::get($_ctxt), number));
  }]>];
  let extraClassDeclaration = [{
    double asDouble() const { return getStd().getValueAsDouble(); }
  }];
  let hasCustomAssemblyFormat = 1;
}

def Mpc_FileAttr : Mpc_Attr<"File", "file"> {
  let summary = "Initialises with bytes that stay in their file until emission.";
  let description = [{
    `path` is the model file as given on the command line, `tensor` the name of
    the initialiser in it (whose bytes may be external to it).
  }];
  let parameters = (ins StringRefParameter<>:$path, StringRefParameter<>:$tensor);
  let assemblyFormat = "`<` $path `,` $tensor `>`";
}

//===-- Ops ---------------------------------------------------------------===//

def Mpc_Float : AnyTypeOf<[F16, BF16, F32], "f16, bf16 or f32">;
def Mpc_Integer : AnyTypeOf<[I1, I8, I32, I64], "i1, i8, i32 or i64">;
def Mpc_FloatTensor : StaticShapeTensorOf<[F16, BF16, F32]>;
def Mpc_F32Tensor : StaticShapeTensorOf<[F32]>;
def Mpc_IntegerTensor : StaticShapeTensorOf<[I1, I8, I32, I64]>;
def Mpc_Tensor : StaticShapeTensorOf<[F16, BF16, F32, I1, I8, I32, I64]>;
def Mpc_F32Scalar : 0DTensorOf<[F32]>;
def Mpc_I64Scalar : 0DTensorOf<[I64]>;
def Mpc_I1Scalar : 0DTensorOf<[I1]>;

// Marks ops whose result element i depends only on element i of each operand
// after NumPy broadcasting.
def Mpc_Elementwise : NativeOpTrait<"Elementwise"> {
  let cppNamespace = "::mpc::trait";
}

// Marks ops that move elements and compute nothing, so that operand and result
// have the same element type.
def Mpc_MovesElements : NativeOpTrait<"MovesElements"> {
  let cppNamespace = "::mpc::trait";
}

// Marks ops that read every element of every operand once, whatever its shape.
def Mpc_ReadsOnce : NativeOpTrait<"ReadsOnce"> {
  let cppNamespace = "::mpc::trait";
}

// Marks elementwise ops that make 0 of a tensor's zeros, whatever their other
// operands are in a step.
def Mpc_KeepsZero : NativeOpTrait<"KeepsZero"> {
  let cppNamespace = "::mpc::trait";
}

// Marks ops whose float slots are all f32, or f32 where they are scalars.
def Mpc_F32Only : NativeOpTrait<"F32Only"> {
  let cppNamespace = "::mpc::trait";
}
def Mpc_F32Scalars : NativeOpTrait<"F32Scalars"> {
  let cppNamespace = "::mpc::trait";
}

// An optional attribute that builders may leave out.
class Mpc_Omittable<Attr attr> : Attr<attr.predicate, attr.summary> {
  let storageType = attr.storageType;
  let returnType = attr.storageType;
  let convertFromStorage = "$_self";
  let constBuilderCall = "$0";
  let defaultValue = "nullptr";
  let isOptional = 1;
  let baseAttr = attr;
}

// An op of a function: `args` are its own operands and attributes; what every
// op says about its origin in the model follows them.
class Mpc_Op<string mnemonic, dag args, list<Trait> traits = []>
    : Op<Mpc_Dialect, mnemonic,
         !listconcat(traits, [Mpc_NodeOpInterface])> {
  let arguments = !con(args, (ins
    Mpc_Omittable<StrArrayAttr>:$node,
    Mpc_Omittable<StrAttr>:$op_type,
    Mpc_Omittable<Mpc_DirectionAttr>:$direction,
    Mpc_Omittable<Mpc_PrecisionAttr>:$precision));
}

// An op without side effects on tensors. `slots` says how it answers
// SlotOpInterface: by default from the element types alone.
class Mpc_PureOp<string mnemonic, dag args, list<Trait> traits = [],
                 Trait slots = Mpc_SlotOpInterface>
    : Mpc_Op<mnemonic, args, !listconcat([Pure, slots], traits)> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

// `slots` of ops with statistic slots: getSlotKind and getResultKind are theirs.
def Mpc_OwnSlots : DeclareOpInterfaceMethods<Mpc_SlotOpInterface,
                                             ["getSlotKind", "getResultKind"]>;

#endif
