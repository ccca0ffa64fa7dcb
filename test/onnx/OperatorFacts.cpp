#include "test/onnx/OperatorFacts.h"
#include "compiler/analysis/Fusibility.h"
#include "compiler/analysis/PolicyLists.h"
#include "compiler/lowering/Emitter.h"
#include "compiler/pipeline/Registration.h"
#include "frontend/Import.h"
#include "frontend/OpTable.h"
#include "frontend/model/FileMap.h"
#include "frontend/model/IntTensor.h"
#include "frontend/model/OnnxTensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <algorithm>
#include <filesystem>

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

namespace fs = std::filesystem;

namespace {

using Facts = std::map<std::string, OperatorFacts>;

bool isFloat(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && isa<FloatType>(type.getElementType());
}

// Notes what ops a rule builds.
struct Recorder : OpBuilder::Listener {
  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override {
    made.push_back(op);
  }
  std::vector<Operation *> made;
};

// The ops of a derivative, built behind the op from gradients that stand in for
// what flows back.
std::vector<Operation *> derivativeOf(DifferentiableOpInterface op) {
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  SmallVector<Value> ofResults;
  for (Value result : op->getResults())
    ofResults.push_back(isFloat(result) ? UnrealizedConversionCastOp::create(
                                              builder, op.getLoc(),
                                              result.getType(), ValueRange())
                                              .getResult(0)
                                        : Value());
  SmallVector<bool> needed;
  for (Value operand : op->getOperands())
    needed.push_back(isFloat(operand));
  SmallVector<Value> ofOperands(op->getNumOperands());
  Recorder recorder;
  builder.setListener(&recorder);
  if (failed(op.buildGradients(builder, ofResults, needed, ofOperands)))
    return {};
  return recorder.made;
}

bool hasCode(Operation *op) {
  return !needsKernel(op) || isa<ScalarOpInterface>(op) ||
         findTileEmitter(op->getName().getStringRef());
}

class Collector {
public:
  Collector() : context(registry(), MLIRContext::Threading::DISABLED) {
    context.loadAllAvailableDialects();
    // What cannot be imported or derived says so; here it only counts.
    context.getDiagEngine().registerHandler(
        [](Diagnostic &) { return success(); });
  }

  Facts facts;

  void addRows() {
    for (const frontend::OpRow &row : frontend::opTable()) {
      OperatorFacts &fact = facts[row.opType.str()];
      fact.isImported = true;
      for (int64_t version : row.versions)
        fact.versions +=
            (fact.versions.empty() ? "" : ", ") + std::to_string(version);
      fact.policy = policyOf(row.opType);
    }
  }

  void addModel(const std::string &path, const std::string &data) {
    frontend::Problems problems;
    auto graph = frontend::readModel(path, problems);
    if (!graph)
      return;
    frontend::ImportOptions options{path, {}, {}};
    for (size_t i = 0; i < graph->inputs.size(); ++i)
      addKnown(options, graph->inputs[i].name,
               data + "/input_" + std::to_string(i) + ".pb");
    for (const frontend::Node &node : graph->nodes)
      if (node.domain.empty())
        facts[node.opType];
    // Trained as far as it can be, else as it is evaluated.
    for (bool evaluateOnly : {false, true}) {
      options.evaluateOnly = evaluateOnly;
      auto result = frontend::importGraph(context, *graph, options, problems);
      if (result.module)
        return addOps(*graph, *result.module);
    }
  }

private:
  static DialectRegistry registry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  static std::string policyOf(StringRef op) {
    if (!isKnownOpType(op))
      return "none";
    auto name = [&](NarrowFormat format) {
      return policyClassName(
                 presetRuling(PolicyPreset::Default, format, op).policyClass)
          .str();
    };
    std::string fp16 = name(NarrowFormat::Fp16),
                bf16 = name(NarrowFormat::Bf16);
    return fp16 == bf16 ? fp16 : fp16 + ", bf16: " + bf16;
  }

  // Inputs that say shapes are bound, as eval does.
  static void addKnown(frontend::ImportOptions &options,
                       const std::string &input, const std::string &path) {
    auto file = frontend::FileMap::open(path);
    if (!file.ok())
      return;
    auto tensor = frontend::scanTensor(file->bytes(), file->bytes());
    if (!tensor.ok())
      return;
    options.arrayShapes[input] = tensor->shape;
    if (auto ints = frontend::toIntTensor(*tensor))
      options.known[input] = {ints->shape, ints->values, {}};
    else if (auto numbers = frontend::toNumbers(*tensor))
      options.known[input] = {tensor->shape, {}, *numbers};
  }

  void addOps(const frontend::Graph &graph, ModuleOp module) {
    for (const frontend::Node &node : graph.nodes)
      if (node.domain.empty())
        facts[node.opType].isShown = true;
    auto forward = module.lookupSymbol<func::FuncOp>(forwardName);
    std::vector<Operation *> ops;
    for (Operation &op : forward.getOps())
      ops.push_back(&op);
    for (Operation *op : ops)
      if (auto node = dyn_cast<NodeOpInterface>(op);
          node && node.getOpTypeAttr() && !isa<ReadOp, ConstantOp>(op))
        addOp(facts[node.getOpTypeAttr().str()], op);
  }

  static void addOp(OperatorFacts &fact, Operation *op) {
    std::string name = op->getName().getStringRef().str();
    bool isFirst = fact.forward.insert(name).second;
    if (isFirst)
      addCode(fact, op);
    bool passesGradient = llvm::any_of(op->getOperands(), isFloat) &&
                          llvm::any_of(op->getResults(), isFloat);
    if (!passesGradient || !fact.passing.insert(name).second)
      return;
    auto derivative = dyn_cast<DifferentiableOpInterface>(op);
    if (!derivative) {
      fact.withoutDerivative.insert(name);
      return;
    }
    for (Operation *backward : derivativeOf(derivative))
      addCode(fact, backward);
  }

  static void addCode(OperatorFacts &fact, Operation *op) {
    if (!hasCode(op))
      fact.withoutCode.insert(op->getName().getStringRef().str());
  }

  MLIRContext context;
};

} // namespace

Facts mpc::test::operatorFacts(const std::string &data,
                               const std::string &examples) {
  Collector collector;
  collector.addRows();
  std::vector<fs::path> models;
  std::error_code absent;
  for (const auto &entry : fs::recursive_directory_iterator(data, absent))
    if (entry.path().filename() == "model.onnx")
      models.push_back(entry.path());
  for (const auto &entry : fs::directory_iterator(examples, absent))
    models.push_back(entry.path());
  std::sort(models.begin(), models.end());
  for (const fs::path &model : models)
    collector.addModel(model.string(),
                       (model.parent_path() / "test_data_set_0").string());
  return collector.facts;
}
