// The presets: what is decided for an op type when no rule speaks of it.
#include "compiler/analysis/PolicyLists.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mpc;

// PyTorch's autocast lists by ONNX op type: what runs in lower precision, what
// in f32, and what promotes to its widest operand.
static constexpr llvm::StringLiteral torchAllow[] = {
    "Attention", "Conv", "ConvTranspose", "Einsum", "GRU",
    "Gemm",      "LSTM", "MatMul",        "PRelu",  "RNN"};
static constexpr llvm::StringLiteral torchDeny[] = {"Acos",
                                                    "Asin",
                                                    "Cosh",
                                                    "CumProd",
                                                    "CumSum",
                                                    "Exp",
                                                    "GroupNormalization",
                                                    "LayerNormalization",
                                                    "Log",
                                                    "LogSoftmax",
                                                    "LpNormalization",
                                                    "NegativeLogLikelihoodLoss",
                                                    "Pow",
                                                    "RMSNormalization",
                                                    "Reciprocal",
                                                    "ReduceL1",
                                                    "ReduceL2",
                                                    "ReduceLogSumExp",
                                                    "ReduceProd",
                                                    "ReduceSum",
                                                    "Resize",
                                                    "Sinh",
                                                    "Softmax",
                                                    "SoftmaxCrossEntropyLoss",
                                                    "Softplus",
                                                    "Tan",
                                                    "Upsample"};
static constexpr llvm::StringLiteral torchPromote[] = {
    "GridSample", "ScatterElements", "ScatterND"};

// TensorFlow's lists by ONNX op type, for f16. Where ONNX has an op of its own
// for what TensorFlow composes, the composition decides (Flatten is a reshape,
// GlobalAveragePool a mean, GlobalMaxPool a maximum).
static constexpr llvm::StringLiteral tensorflowAllow[] = {
    "Attention", "Conv", "Einsum", "GRU", "Gemm", "LSTM", "MatMul", "RNN"};
static constexpr llvm::StringLiteral tensorflowInfer[] = {
    "Add",       "AveragePool", "BatchNormalization",
    "Div",       "Elu",         "Erf",
    "LeakyRelu", "Log",         "LogSoftmax",
    "Mul",       "Reciprocal",  "ReduceProd",
    "Selu",      "Sigmoid",     "Softmax",
    "Softplus",  "Softsign",    "Sqrt",
    "Sub",       "Sum",         "Tanh"};
static constexpr llvm::StringLiteral tensorflowClear[] = {"Abs",
                                                          "ArgMax",
                                                          "ArgMin",
                                                          "Ceil",
                                                          "Clip",
                                                          "Concat",
                                                          "ConstantOfShape",
                                                          "DepthToSpace",
                                                          "Equal",
                                                          "Expand",
                                                          "Flatten",
                                                          "Floor",
                                                          "Gather",
                                                          "GatherND",
                                                          "GlobalMaxPool",
                                                          "Greater",
                                                          "GreaterOrEqual",
                                                          "Identity",
                                                          "If",
                                                          "IsInf",
                                                          "IsNaN",
                                                          "Less",
                                                          "LessOrEqual",
                                                          "Loop",
                                                          "Max",
                                                          "MaxPool",
                                                          "Min",
                                                          "Neg",
                                                          "NonZero",
                                                          "OneHot",
                                                          "Pad",
                                                          "ReduceMax",
                                                          "ReduceMin",
                                                          "Relu",
                                                          "Reshape",
                                                          "ReverseSequence",
                                                          "Round",
                                                          "Shape",
                                                          "Sign",
                                                          "Size",
                                                          "Slice",
                                                          "SpaceToDepth",
                                                          "Split",
                                                          "Squeeze",
                                                          "Tile",
                                                          "TopK",
                                                          "Transpose",
                                                          "Unsqueeze",
                                                          "Upsample",
                                                          "Where"};
static constexpr llvm::StringLiteral tensorflowDeny[] = {
    "Exp",        "GlobalAveragePool", "Pow",
    "ReduceMean", "ReduceSum",         "SoftmaxCrossEntropyLoss"};
// The bf16 lists differ in these.
static constexpr llvm::StringLiteral tensorflowBf16Infer[] = {"ReduceMean",
                                                              "ReduceSum"};
static constexpr llvm::StringLiteral tensorflowBf16Unlisted[] = {
    "Attention", "GRU", "LSTM", "OneHot", "RNN", "Size"};

llvm::StringRef mpc::policyClassName(PolicyClass policyClass) {
  switch (policyClass) {
  case PolicyClass::Allow:
    return "allow";
  case PolicyClass::Infer:
    return "infer";
  case PolicyClass::Clear:
    return "clear";
  case PolicyClass::Deny:
    return "deny";
  }
  return "";
}

std::optional<PolicyClass> mpc::parsePolicyClass(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<PolicyClass>>(name)
      .Case("allow", PolicyClass::Allow)
      .Case("infer", PolicyClass::Infer)
      .Case("clear", PolicyClass::Clear)
      .Case("deny", PolicyClass::Deny)
      .Default(std::nullopt);
}

std::optional<PolicyPreset> mpc::parsePolicyPreset(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<PolicyPreset>>(name)
      .Case("default", PolicyPreset::Default)
      .Case("pytorch", PolicyPreset::PyTorch)
      .Case("tensorflow", PolicyPreset::TensorFlow)
      .Case("none", PolicyPreset::None)
      .Case("all", PolicyPreset::All)
      .Default(std::nullopt);
}

static const PolicyEntry *findEntry(NarrowFormat format, llvm::StringRef op) {
  const auto *entry =
      llvm::find_if(defaultPolicyList(format),
                    [&](const PolicyEntry &entry) { return entry.op == op; });
  return entry == defaultPolicyList(format).end() ? nullptr : entry;
}

bool mpc::isKnownOpType(llvm::StringRef op) {
  return findEntry(NarrowFormat::Fp16, op) || findEntry(NarrowFormat::Bf16, op);
}

// Losses and optimizers are f32 in both peers: they stand outside of what
// their lists reach.
static bool isTrainingType(llvm::StringRef op) {
  static constexpr llvm::StringLiteral types[] = {
      "CrossEntropy", "MSE",       "L1",         "Huber",   "BCEWithLogits",
      "Loss",         "SGD",       "Momentum",   "Adam",    "AdamW",
      "Adagrad",      "LossScale", "GlobalNorm", "ClipNorm"};
  return llvm::is_contained(types, op);
}

static Ruling torchRuling(llvm::StringRef op) {
  std::string origin = "pytorch 1";
  if (llvm::is_contained(torchAllow, op))
    return {PolicyClass::Allow, "autocast runs it in lower precision", origin};
  if (llvm::is_contained(torchDeny, op) || isTrainingType(op))
    return {PolicyClass::Deny, "autocast runs it in f32", origin};
  if (llvm::is_contained(torchPromote, op))
    return {PolicyClass::Infer, "autocast promotes it to its widest operand",
            origin};
  if (!isKnownOpType(op))
    return {PolicyClass::Deny, "an op type on no list stays f32", origin};
  return {PolicyClass::Clear, "on no autocast list: it follows its operands",
          origin};
}

static Ruling tensorflowRuling(NarrowFormat format, llvm::StringRef op) {
  std::string origin = format == NarrowFormat::Fp16 ? "tensorflow 1 (f16)"
                                                    : "tensorflow 1 (bf16)";
  if (format == NarrowFormat::Bf16) {
    if (llvm::is_contained(tensorflowBf16Infer, op))
      return {PolicyClass::Infer, "on TensorFlow's infer list", origin};
    if (llvm::is_contained(tensorflowBf16Unlisted, op))
      return {PolicyClass::Deny, "on no TensorFlow list, so a barrier", origin};
  }
  if (llvm::is_contained(tensorflowAllow, op))
    return {PolicyClass::Allow, "on TensorFlow's allow list", origin};
  if (llvm::is_contained(tensorflowInfer, op))
    return {PolicyClass::Infer, "on TensorFlow's infer list", origin};
  if (llvm::is_contained(tensorflowClear, op))
    return {PolicyClass::Clear, "on TensorFlow's clear list", origin};
  if (llvm::is_contained(tensorflowDeny, op))
    return {PolicyClass::Deny, "on TensorFlow's deny list", origin};
  return {PolicyClass::Deny, "on no TensorFlow list, so a barrier", origin};
}

static Ruling defaultRuling(NarrowFormat format, llvm::StringRef op) {
  std::string origin =
      format == NarrowFormat::Fp16 ? "default 1 (f16)" : "default 1 (bf16)";
  if (const PolicyEntry *entry = findEntry(format, op))
    return {entry->policyClass, entry->reason.str(), origin};
  if (op.empty())
    return {PolicyClass::Deny, "it has no op type", origin};
  return {PolicyClass::Deny, "an op type on no list stays f32", origin};
}

Ruling mpc::presetRuling(PolicyPreset preset, NarrowFormat format,
                         llvm::StringRef op) {
  switch (preset) {
  case PolicyPreset::Default:
    return defaultRuling(format, op);
  case PolicyPreset::PyTorch:
    return torchRuling(op);
  case PolicyPreset::TensorFlow:
    return tensorflowRuling(format, op);
  case PolicyPreset::None:
    return {PolicyClass::Deny, "the preset keeps every op f32", "none 1"};
  case PolicyPreset::All:
    return {PolicyClass::Allow, "the preset makes every op narrow", "all 1"};
  }
  return defaultRuling(format, op);
}
