#include "frontend/Refusals.h"
#include "frontend/OpTable.h"
#include "frontend/model/Nearest.h"

using namespace mlir;

namespace mpc::frontend {
namespace {

/// What a group of operators has in common that no program of mpc has.
struct Refusal {
  std::initializer_list<StringLiteral> opTypes;
  StringLiteral reason;
  StringLiteral nextAction;
};

const Refusal refusals[] = {
    {{"If", "Loop", "Scan", "SequenceMap"},
     "decides at run time which nodes run, or how often",
     "export the model for one case and fixed lengths, so that it is unrolled"},
    {{"SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase",
      "SequenceInsert", "SequenceLength", "SplitToSequence",
      "ConcatFromSequence"},
     "works on a sequence of tensors, whose length only the run tells",
     "export the model with Split and Concat"},
    {{"Optional", "OptionalGetElement", "OptionalHasElement"},
     "works on a value that may be absent",
     "export the model for the case that it is there"},
    {{"StringNormalizer", "StringConcat", "StringSplit", "RegexFullMatch",
      "TfIdfVectorizer"},
     "works on text",
     "prepare the text before training and feed numbers"},
    {{"NonZero", "Unique", "Compress", "NonMaxSuppression"},
     "has a result whose shape depends on the data",
     "take it out of the model, or select by multiplying with a mask"},
    {{"LSTM", "GRU", "RNN"},
     "is recurrent, and such operators cannot be imported",
     "export the cell unrolled over the steps of time"},
    {{"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear",
      "ConvInteger", "MatMulInteger", "QLinearConv", "QLinearMatMul"},
     "computes with quantised integers, which are not trained",
     "export the model before it is quantised; --precision makes it narrow"},
    {{"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
      "Bernoulli", "Multinomial"},
     "draws random numbers of its own, which no run could repeat",
     "feed the numbers as an input; Dropout is imported"},
};

const Refusal *findRefusal(StringRef opType) {
  for (const Refusal &refusal : refusals)
    if (llvm::is_contained(refusal.opTypes, opType))
      return &refusal;
  return nullptr;
}

void refuseDomain(NodeImport &import) {
  StringRef domain = import.node.domain;
  StringRef action = "express it with operators of ONNX's default domain";
  if (domain.starts_with("ai.onnx.preview.training"))
    action = "export the model without its training step; mpc makes its own "
             "(--loss, --optimizer)";
  (void)import.unsupported(
      "operators of domain '" + domain + "' cannot be imported", action);
}

} // namespace

void refuseOperator(NodeImport &import, bool isFunction) {
  const Node &node = import.node;
  if (isFunction)
    return (void)import.unsupported(
        "is a function that the model defines itself",
        "inline it, with onnx.inliner.inline_local_functions for instance");
  if (!node.domain.empty())
    return refuseDomain(import);
  if (const Refusal *refusal = findRefusal(node.opType))
    return (void)import.unsupported(refusal->reason, refusal->nextAction);
  std::vector<std::string> names;
  for (const OpRow &row : opTable())
    names.push_back(row.opType.str());
  std::string meant = nearest(node.opType, names);
  (void)import.unsupported("this operator cannot be imported",
                           "express it with operators that docs/operators.md "
                           "lists" +
                               (meant.empty() ? "" : ", such as " + meant));
}

} // namespace mpc::frontend
