// Layers that are one ONNX node without weights: element by element, and along
// dimensions.
#include "frontend/model/JsonLayers.h"

namespace mpc::frontend {

std::vector<JsonLayerKind> plainLayerKinds() {
  const JsonKey axis = integerKey("axis");
  const JsonKey axes = integersKey("axes").operand();
  const JsonKey keepdims = flagKey("keepdims");
  const JsonKey alpha = numberKey("alpha");
  const JsonKey beta = numberKey("beta");
  const JsonKey reduction = choiceKey("reduction", {"mean", "sum", "none"});
  const JsonKey ignoreIndex = integerKey("ignore_index");
  const JsonKey last = flagKey("last").as("select_last_index");
  return {
      {"Abs", {"abs"}, 1, 1, {}},
      {"Acos", {"acos"}, 1, 1, {}},
      {"Acosh", {"acosh"}, 1, 1, {}},
      {"Asin", {"asin"}, 1, 1, {}},
      {"Asinh", {"asinh"}, 1, 1, {}},
      {"Atan", {"atan"}, 1, 1, {}},
      {"Atanh", {"atanh"}, 1, 1, {}},
      {"Ceil", {"ceil"}, 1, 1, {}},
      {"Cos", {"cos"}, 1, 1, {}},
      {"Cosh", {"cosh"}, 1, 1, {}},
      {"Erf", {"erf"}, 1, 1, {}},
      {"Exp", {"exp"}, 1, 1, {}},
      {"Floor", {"floor"}, 1, 1, {}},
      {"HardSwish", {"hard_swish"}, 1, 1, {}},
      {"Identity", {"identity"}, 1, 1, {}},
      {"IsInf", {"is_inf"}, 1, 1, {}},
      {"IsNaN", {"is_nan"}, 1, 1, {}},
      {"Log", {"log"}, 1, 1, {}},
      {"Mish", {"mish"}, 1, 1, {}},
      {"Neg", {"neg"}, 1, 1, {}},
      {"Not", {"not"}, 1, 1, {}},
      {"Reciprocal", {"reciprocal"}, 1, 1, {}},
      {"Relu", {"relu"}, 1, 1, {}},
      {"Round", {"round"}, 1, 1, {}},
      {"Sigmoid", {"sigmoid"}, 1, 1, {}},
      {"Sign", {"sign"}, 1, 1, {}},
      {"Sin", {"sin"}, 1, 1, {}},
      {"Sinh", {"sinh"}, 1, 1, {}},
      {"Softplus", {"softplus"}, 1, 1, {}},
      {"Softsign", {"softsign"}, 1, 1, {}},
      {"Sqrt", {"sqrt"}, 1, 1, {}},
      {"Tan", {"tan"}, 1, 1, {}},
      {"Tanh", {"tanh"}, 1, 1, {}},

      {"Celu", {"celu"}, 1, 1, {alpha}},
      {"Clip",
       {"clip"},
       1,
       1,
       {numberKey("min").operand(), numberKey("max").operand()}},
      {"Elu", {"elu"}, 1, 1, {alpha}},
      {"Gelu", {"gelu"}, 1, 1, {choiceKey("approximate", {"none", "tanh"})}},
      {"HardSigmoid", {"hard_sigmoid"}, 1, 1, {alpha, beta}},
      {"LeakyRelu", {"leaky_relu"}, 1, 1, {alpha}},
      {"Selu", {"selu"}, 1, 1, {alpha, numberKey("gamma")}},
      {"ThresholdedRelu", {"thresholded_relu"}, 1, 1, {alpha}},
      {"Cast", {"cast"}, 1, 1, {dtypeKey("to").required()}},

      {"Add", {"add"}, 2, 2, {}},
      {"And", {"and"}, 2, 2, {}},
      {"Div", {"div"}, 2, 2, {}},
      {"Equal", {"equal"}, 2, 2, {}},
      {"Greater", {"greater"}, 2, 2, {}},
      {"GreaterOrEqual", {"greater_or_equal"}, 2, 2, {}},
      {"Less", {"less"}, 2, 2, {}},
      {"LessOrEqual", {"less_or_equal"}, 2, 2, {}},
      {"MatMul", {"matmul"}, 2, 2, {}},
      {"Mod", {"mod"}, 2, 2, {flagKey("fmod")}},
      {"Mul", {"mul"}, 2, 2, {}},
      {"Or", {"or"}, 2, 2, {}},
      {"Pow", {"pow"}, 2, 2, {}},
      {"Sub", {"sub"}, 2, 2, {}},
      {"Xor", {"xor"}, 2, 2, {}},
      {"Where", {"where"}, 3, 3, {}},
      {"Max", {"max"}, 1, anyNumber, {}},
      {"Mean", {"mean"}, 1, anyNumber, {}},
      {"Min", {"min"}, 1, anyNumber, {}},
      {"Sum", {"sum"}, 1, anyNumber, {}},
      {"Einsum", {"einsum"}, 1, anyNumber, {textKey("equation").required()}},

      {"ArgMax", {"arg_max"}, 1, 1, {axis, keepdims, last}},
      {"ArgMin", {"arg_min"}, 1, 1, {axis, keepdims, last}},
      {"CumSum",
       {"cumsum"},
       1,
       1,
       {axis.operand().required(), flagKey("exclusive"), flagKey("reverse")}},
      {"Hardmax", {"hardmax"}, 1, 1, {axis}},
      {"LogSoftmax", {"log_softmax"}, 1, 1, {axis}},
      {"Softmax", {"softmax"}, 1, 1, {axis}},
      {"ReduceL1", {"reduce_l1"}, 1, 1, {axes, keepdims}},
      {"ReduceL2", {"reduce_l2"}, 1, 1, {axes, keepdims}},
      {"ReduceLogSum", {"reduce_log_sum"}, 1, 1, {axes, keepdims}},
      {"ReduceLogSumExp", {"reduce_log_sum_exp"}, 1, 1, {axes, keepdims}},
      {"ReduceMax", {"reduce_max"}, 1, 1, {axes, keepdims}},
      {"ReduceMean", {"reduce_mean"}, 1, 1, {axes, keepdims}},
      {"ReduceMin", {"reduce_min"}, 1, 1, {axes, keepdims}},
      {"ReduceProd", {"reduce_prod"}, 1, 1, {axes, keepdims}},
      {"ReduceSum", {"reduce_sum"}, 1, 1, {axes, keepdims}},
      {"ReduceSumSquare", {"reduce_sum_square"}, 1, 1, {axes, keepdims}},
      {"NegativeLogLikelihoodLoss",
       {"nll_loss"},
       2,
       3,
       {reduction, ignoreIndex}},
      {"SoftmaxCrossEntropyLoss",
       {"cross_entropy_loss"},
       2,
       3,
       {reduction, ignoreIndex}},
  };
}

const std::vector<JsonLayerKind> &jsonLayerKinds() {
  static const std::vector<JsonLayerKind> kinds = [] {
    std::vector<JsonLayerKind> all;
    for (auto rows : {plainLayerKinds, shapeLayerKinds, windowLayerKinds,
                      weightLayerKinds, compositeLayerKinds})
      for (JsonLayerKind &kind : rows())
        all.push_back(std::move(kind));
    return all;
  }();
  return kinds;
}

std::vector<std::string> namesOf(const JsonLayerKind &kind) {
  std::vector<std::string> names = kind.names;
  if (*kind.op)
    names.push_back(kind.op);
  return names;
}

const JsonLayerKind *findLayerKind(const std::string &op) {
  static const std::map<std::string, const JsonLayerKind *> kinds = [] {
    std::map<std::string, const JsonLayerKind *> all;
    for (const JsonLayerKind &kind : jsonLayerKinds())
      for (const std::string &name : namesOf(kind))
        all.emplace(name, &kind);
    return all;
  }();
  auto it = kinds.find(op);
  return it == kinds.end() ? nullptr : it->second;
}

} // namespace mpc::frontend
