// Operators of one operand, element by element.
#include "frontend/OpTable.h"
#include "frontend/rules/Elementwise.h"

using namespace mlir;

namespace mpc::frontend {

using Function = UnaryFunction;

namespace {
/// A function with the names and defaults of its parameters, as ONNX has them.
struct FunctionRow {
  StringLiteral opType;
  Function function;
  StringLiteral alpha = "", beta = "";
  float alphaDefault = 0, betaDefault = 0;
};
} // namespace

static constexpr FunctionRow functionRows[] = {
    {"Abs", Function::Abs},
    {"Acos", Function::Acos},
    {"Acosh", Function::Acosh},
    {"Asin", Function::Asin},
    {"Asinh", Function::Asinh},
    {"Atan", Function::Atan},
    {"Atanh", Function::Atanh},
    {"Ceil", Function::Ceil},
    {"Celu", Function::Celu, "alpha", "", 1},
    {"Cos", Function::Cos},
    {"Cosh", Function::Cosh},
    {"Elu", Function::Elu, "alpha", "", 1},
    {"Erf", Function::Erf},
    {"Exp", Function::Exp},
    {"Floor", Function::Floor},
    {"HardSigmoid", Function::HardSigmoid, "alpha", "beta", 0.2f, 0.5f},
    {"HardSwish", Function::HardSwish},
    {"LeakyRelu", Function::LeakyRelu, "alpha", "", 0.01f},
    {"Log", Function::Log},
    {"Mish", Function::Mish},
    {"Reciprocal", Function::Reciprocal},
    {"Round", Function::Round},
    {"Selu", Function::Selu, "alpha", "gamma", 1.67326319217681884765625f,
     1.05070102214813232421875f},
    {"Shrink", Function::Shrink, "lambd", "bias", 0.5f},
    {"Sigmoid", Function::Sigmoid},
    {"Sign", Function::Sign},
    {"Sin", Function::Sin},
    {"Sinh", Function::Sinh},
    {"Softplus", Function::Softplus},
    {"Softsign", Function::Softsign},
    {"Tan", Function::Tan},
    {"Tanh", Function::Tanh},
    {"ThresholdedRelu", Function::ThresholdedRelu, "alpha", "", 1},
};

static float parameter(NodeImport &node, StringRef name, float otherwise) {
  if (name.empty())
    return otherwise;
  return static_cast<float>(
      node.floatAttribute(name, static_cast<double>(otherwise)));
}

// Abs, Sign and the like of integers; null for other operators.
static Value importOfIntegers(NodeImport &node, Value input) {
  OpBuilder &b = node.builder;
  Value zero = integerScalarLike(node, input, 0);
  StringRef opType = node.node.opType;
  if (opType == "Neg")
    return SubOp::create(b, node.loc, zero, input);
  if (opType == "Abs")
    return MaxOp::create(b, node.loc, input,
                         SubOp::create(b, node.loc, zero, input));
  if (opType == "Relu")
    return MaxOp::create(b, node.loc, input, zero);
  if (opType == "Sign") {
    Value one = integerScalarLike(node, input, 1);
    Value least = integerScalarLike(node, input, -1);
    return MaxOp::create(b, node.loc, MinOp::create(b, node.loc, input, one),
                         least);
  }
  return {};
}

// Builds the operator from its operand: by `build` for floats.
static LogicalResult importUnary(NodeImport &node,
                                 llvm::function_ref<Value(Value)> build) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  Value result;
  if (isFloat(input))
    result = build(input);
  else if (!elementTypeOf(input).isInteger(1))
    result = importOfIntegers(node, input);
  if (!result) {
    (void)floatOperand(node, 0);
    return failure();
  }
  node.setResult(0, result);
  return success();
}

LogicalResult importUnaryFunction(NodeImport &node) {
  const FunctionRow *row =
      llvm::find_if(functionRows, [&](const FunctionRow &r) {
        return r.opType == node.node.opType;
      });
  float alpha = parameter(node, row->alpha, row->alphaDefault);
  float beta = parameter(node, row->beta, row->betaDefault);
  if (row->function == Function::Celu && alpha == 0)
    return node.invalid("its alpha is 0");
  return importUnary(node, [&](Value input) -> Value {
    return UnaryOp::create(node.builder, node.loc, row->function, input, alpha,
                           beta);
  });
}

LogicalResult importGelu(NodeImport &node) {
  std::string form = node.textAttribute("approximate", "none");
  if (form != "none" && form != "tanh")
    return node.invalid("its approximate is '" + form +
                        "'; expected none or tanh");
  Function function = form == "tanh" ? Function::GeluTanh : Function::Gelu;
  return importUnary(node, [&](Value input) -> Value {
    return UnaryOp::create(node.builder, node.loc, function, input);
  });
}

template <typename Op> static LogicalResult importOp(NodeImport &node) {
  return importUnary(node, [&](Value input) -> Value {
    return Op::create(node.builder, node.loc, input);
  });
}
LogicalResult importRelu(NodeImport &node) { return importOp<ReluOp>(node); }
LogicalResult importNeg(NodeImport &node) { return importOp<NegOp>(node); }
LogicalResult importSqrt(NodeImport &node) { return importOp<SqrtOp>(node); }

} // namespace mpc::frontend
