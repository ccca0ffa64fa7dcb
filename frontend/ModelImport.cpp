#include "frontend/ModelImport.h"
#include "frontend/OldForms.h"
#include "frontend/OpTable.h"
#include "frontend/Refusals.h"
#include "frontend/model/NumberFold.h"
#include "frontend/model/OnnxReader.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;

namespace mpc::frontend {

using mpcrt::Code;
using mpcrt::DType;

Type elementType(MLIRContext &context, DType dtype) {
  switch (dtype) {
  case DType::F32:
    return Float32Type::get(&context);
  case DType::F16:
    return Float16Type::get(&context);
  case DType::BF16:
    return BFloat16Type::get(&context);
  case DType::I64:
    return IntegerType::get(&context, 64);
  case DType::I32:
    return IntegerType::get(&context, 32);
  case DType::I8:
    return IntegerType::get(&context, 8);
  case DType::Bool:
    return IntegerType::get(&context, 1);
  default:
    return nullptr;
  }
}

ModelImport::ModelImport(MLIRContext &context, Graph theGraph,
                         const ImportOptions &options, ImportResult &result)
    : context(context), graph(std::move(theGraph)), options(options),
      result(result),
      binding(graph, options.shapes, options.arrayShapes, result.problems),
      builder(&context), globUsed(options.trainable.size(), false) {}

void ModelImport::run() {
  warnAboutFiles();
  for (std::string &line : graph.reports)
    report(std::move(line));
  indexTensors();
  markLive();
  markGradientPath();
  binding.reportUnbound(graph, result.problems);
  createFunction();
  for (const Node &node : graph.nodes)
    if (llvm::any_of(node.outputs,
                     [&](const std::string &o) { return live.contains(o); }))
      importNode(node);
  finish();
}

void ModelImport::warnAboutFiles() {
  if (graph.absentFiles.empty())
    return;
  int count = 0;
  std::string files;
  for (const auto &[file, tensors] : graph.absentFiles) {
    count += tensors;
    files += (files.empty() ? "'" : ", '") + file + "'";
  }
  result.warnings.push_back(
      "external data " + files + " is absent, so " + std::to_string(count) +
      " weights start from their default initialisers; put the file beside "
      "the model, or give the weights later with --init");
}

void ModelImport::indexTensors() {
  for (Tensor &tensor : graph.tensors) {
    tensors[tensor.name] = &tensor;
    if (std::optional<IntTensor> known = toIntTensor(tensor))
      integers[tensor.name] = std::move(*known);
  }
  for (const ValueInfo &info : graph.valueInfos)
    infos[info.name] = &info;
}

// Values that an output depends on. Nodes are sorted, so one walk suffices.
void ModelImport::markLive() {
  for (const ValueInfo &output : graph.outputs)
    live.insert(output.name);
  int dead = 0;
  for (const Node &node : llvm::reverse(graph.nodes)) {
    if (llvm::any_of(node.outputs,
                     [&](const std::string &o) { return live.contains(o); })) {
      for (const std::string &input : node.inputs)
        live.insert(input);
      continue;
    }
    ++dead;
  }
  if (dead > 0)
    report(std::to_string(dead) +
           " nodes that no output depends on are left out");
}

void ModelImport::markGradientPath() {
  for (Tensor &tensor : graph.tensors)
    if (live.contains(tensor.name) && isTrainable(tensor))
      trained.insert(tensor.name);
  checkGlobs();
  for (const Node &node : graph.nodes) {
    if (node.opType == "Shape" || node.opType == "Size")
      continue;
    if (llvm::any_of(node.inputs, [&](const std::string &input) {
          return trained.contains(input);
        }))
      for (const std::string &output : node.outputs)
        trained.insert(output);
  }
}

// A scalar is taken for a number of the model, not a weight, unless a glob asks
// for it.
bool ModelImport::isTrainable(const Tensor &tensor) {
  bool isFloat = tensor.dtype == DType::F32 || tensor.dtype == DType::F16 ||
                 tensor.dtype == DType::BF16 || tensor.dtype == DType::F64;
  if (tensor.isConstantNode || !isFloat)
    return false;
  bool matched = false;
  for (size_t i = 0; i < options.trainable.size(); ++i) {
    auto glob = llvm::GlobPattern::create(options.trainable[i]);
    if (!glob) {
      llvm::consumeError(glob.takeError());
      continue;
    }
    if (!glob->match(tensor.name))
      continue;
    globUsed[i] = true;
    matched |= !tensor.shape.empty() || options.trainable[i] != "*";
  }
  return options.trainable.empty() ? !tensor.shape.empty() : matched;
}

void ModelImport::checkGlobs() {
  for (size_t i = 0; i < options.trainable.size(); ++i) {
    const std::string &text = options.trainable[i];
    auto glob = llvm::GlobPattern::create(text);
    if (!glob) {
      result.problems.push_back(
          modelProblem(Code::Usage,
                       "--trainable " + text +
                           " is no glob: " + llvm::toString(glob.takeError()),
                       "use letters, * and ?"));
      continue;
    }
    if (!globUsed[i])
      result.warnings.push_back("--trainable " + text +
                                " matches no weight of the model");
  }
}

void ModelImport::createFunction() {
  auto loc = UnknownLoc::get(&context);
  result.module = ModuleOp::create(loc);
  (*result.module)->setAttr("mpc.model", StringAttr::get(&context, graph.name));
  builder.setInsertionPointToEnd(result.module->getBody());
  function = func::FuncOp::create(builder, loc, forwardName,
                                  builder.getFunctionType({}, {}));
  Block *body = function.addEntryBlock();
  for (const ValueInfo &input : graph.inputs) {
    std::optional<std::vector<int64_t>> shape = binding.shapeOf(input);
    Type element = input.dtype ? elementType(context, *input.dtype) : Type();
    if (!element) {
      std::string found = input.typeText;
      if (input.dtype)
        found = std::string(mpcrt::dtypeName(*input.dtype));
      result.problems.push_back(modelProblem(
          Code::Unsupported, "input '" + input.name + "' has type " + found,
          "export the model with tensors of F32, F16, BF16, I64, I32, I8 or "
          "BOOL as inputs"));
    }
    if (shape && !options.evaluateOnly && llvm::is_contained(*shape, 0))
      result.problems.push_back(modelProblem(
          Code::InvalidData,
          "input '" + input.name + "' has shape " + shapeText(*shape) +
              ", so there is nothing to train on",
          "give it elements with --shape " + input.name + "=AxB"));
    if (element && shape)
      setValue(input.name,
               body->addArgument(RankedTensorType::get(*shape, element),
                                 nodeLocation(&context, input.name)));
  }
  builder.setInsertionPointToEnd(body);
}

bool ModelImport::foldNode(const Node &node) {
  if (node.outputs.size() != 1)
    return false;
  std::vector<FoldOperand> operands;
  std::vector<std::vector<int64_t>> shapes(node.inputs.size());
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    FoldOperand operand;
    operand.ints = ints(node.inputs[i]);
    auto it = values.find(resolve(node.inputs[i]));
    if (it != values.end())
      shapes[i] = shapeOf(it->second).vec();
    else if (const Tensor *known = tensor(node.inputs[i]))
      shapes[i] = known->shape;
    if (it != values.end() || operand.ints || tensor(node.inputs[i]))
      operand.shape = operand.ints ? &operand.ints->shape : &shapes[i];
    operands.push_back(operand);
  }
  std::optional<IntTensor> folded = foldIntegers(node, operands);
  if (!folded)
    return foldDoubles(node);
  setInts(node.outputs[0], std::move(*folded));
  return true;
}

bool ModelImport::foldDoubles(const Node &node) {
  std::vector<NumberOperand> operands;
  for (const std::string &input : node.inputs)
    operands.push_back({tensor(input), ints(input)});
  std::optional<Tensor> folded = foldNumbers(node, operands);
  if (!folded)
    return false;
  setTensor(node.outputs[0], std::move(*folded));
  return true;
}

// A rule knows the forms from its row's first version on. Operators newer than
// every opset that is read come from JSON models, which are of none.
static bool refuseOldForm(NodeImport &import, const OpRow &row, int64_t opset) {
  int64_t first = *row.versions.begin();
  if (opset == 0 || opset >= first || first > newestOpset)
    return false;
  (void)import.unsupported(
      "has no form in opset " + Twine(opset) + " that can be imported",
      "export the model with opset " + Twine(first) + " or newer");
  return true;
}

void ModelImport::importNode(const Node &node) {
  if (node.attributes.count(oldBroadcastAxis))
    return importOldBroadcast(node);
  bool onPath = llvm::any_of(node.outputs, [&](const std::string &output) {
    return trained.contains(output);
  });
  bool isFunction = graph.functions.count(node.domain + ":" + node.opType);
  const OpRow *row =
      node.domain.empty() && !isFunction ? findRow(node.opType) : nullptr;
  if (foldNode(node))
    return;
  NodeImport import(*this, builder, node,
                    row ? sinceVersion(*row, graph.opset) : 0, onPath,
                    result.problems);
  bool known = llvm::all_of(node.inputs, [&](const std::string &input) {
    return input.empty() || values.contains(resolve(input)) || ints(input) ||
           tensor(input);
  });
  if (!row)
    refuseOperator(import, isFunction);
  else if (!refuseOldForm(import, *row, graph.opset) && known &&
           succeeded(row->rule(import)) && !import.failed())
    return;
  addPlaceholders(node);
}

// Stands in for the results of a node that could not be imported, so that the
// nodes behind it are still checked.
void ModelImport::addPlaceholders(const Node &node) {
  for (const std::string &output : node.outputs) {
    auto it = infos.find(output);
    if (it == infos.end() || !it->second->dtype)
      continue;
    Type element = elementType(context, *it->second->dtype);
    std::optional<std::vector<int64_t>> shape = binding.shapeOf(*it->second);
    if (!element || !shape)
      continue;
    Type type = RankedTensorType::get(*shape, element);
    auto placeholder = UnrealizedConversionCastOp::create(
        builder, UnknownLoc::get(&context), type, ValueRange());
    if (trained.contains(output))
      placeholder->setAttr(gradientPathAttr, builder.getUnitAttr());
    setValue(output, placeholder.getResult(0));
  }
}

void ModelImport::finish() {
  SmallVector<Value> outputs;
  for (const ValueInfo &output : graph.outputs) {
    if (!result.problems.empty())
      break;
    // An output may be an input, a weight or a constant.
    Node node;
    node.name = output.name;
    node.opType = "Identity";
    NodeImport import(*this, builder, node, 0, false, result.problems);
    if (Value known = value(import, output.name, {}, {}))
      outputs.push_back(known);
  }
  if (!result.problems.empty()) {
    result.incomplete = std::move(result.module);
    return;
  }
  compareStatedShapes();
  func::ReturnOp::create(builder, UnknownLoc::get(&context), outputs);
  function.setType(builder.getFunctionType(
      function.getBody().front().getArgumentTypes(), ValueRange(outputs)));
  for (auto [index, input] : llvm::enumerate(graph.inputs))
    function.setArgAttr(index, "mpc.name", builder.getStringAttr(input.name));
  for (auto [index, output] : llvm::enumerate(graph.outputs))
    function.setResultAttr(index, "mpc.name",
                           builder.getStringAttr(output.name));

  std::string errors;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    errors += (errors.empty() ? "" : "; ") + diagnostic.str();
  });
  if (succeeded(verify(*result.module)))
    return;
  result.problems.push_back(
      modelProblem(Code::Internal, "the imported IR is invalid: " + errors,
                   "report this as a bug, with the model"));
  result.module = nullptr;
}

} // namespace mpc::frontend
