// What holds of the IR after the cast phase whatever the policy is.
#include "Models.h"
#include "compiler/analysis/PrecisionReport.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/reference/Interpreter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/FileSystem.h"
#include <fstream>
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace mpc;

namespace {

// Rules by exact node name and direction can always be ordered.
Setting randomSetting(std::mt19937 &random, const std::string &model,
                      const std::string &path) {
  auto pick = [&](std::initializer_list<const char *> list) {
    return std::string(*(list.begin() + random() % list.size()));
  };
  auto anyClass = [&] { return pick({"allow", "infer", "clear", "deny"}); };
  std::vector<std::string> nodes = {"loss"};
  for (size_t at = 0; (at = model.find("node = [\"", at)) != model.npos;) {
    at += 9;
    nodes.push_back(model.substr(at, model.find('"', at) - at));
  }
  Setting setting;
  setting.format = pick({"fp16", "bf16"});
  setting.policy = path;
  for (const std::string &node : nodes)
    for (const char *direction : {"forward", "backward"})
      if (random() % 2)
        setting.rules.push_back(anyClass() + "=" + node + "." + direction);
  nlohmann::json rules = nlohmann::json::array();
  for (const std::string &node : nodes)
    for (const char *slot : {"in:0", "in:1", "in:2", "out:0"})
      if (random() % 6 == 0)
        rules.push_back({{"class", pick({"allow", "deny"})},
                         {"node", node},
                         {"slot", slot}});
  std::ofstream(path) << nlohmann::json{
      {"mpc_policy", 1},
      {"base", pick({"default", "pytorch", "tensorflow", "none", "all"})},
      {"rules", rules}};
  return setting;
}

// The types that the decisions ask for, where they were taken.
void expectTypesAsDecided(ModuleOp module) {
  module.walk([](NodeOpInterface op) {
    PrecisionAttr precision = op.getPrecisionAttr();
    if (!precision)
      return;
    for (auto [read, operand] :
         llvm::zip(precision.getReads(), op->getOperands()))
      EXPECT_EQ(read.getType(), elementTypeOf(operand));
    for (auto [store, result] :
         llvm::zip(precision.getStores(), op->getResults()))
      EXPECT_EQ(store.getType(), elementTypeOf(result));
  });
}

void expectCastsAreNeeded(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>()) {
    llvm::DenseSet<std::pair<Value, Type>> seen;
    function.walk([&](CastOp op) {
      if (op.getUser())
        return;
      EXPECT_TRUE(seen.insert({op.getInput(), op.getType()}).second)
          << "a value is cast twice to one type";
      EXPECT_FALSE(op->use_empty());
      auto read = op.getInput().getDefiningOp<ReadOp>();
      EXPECT_TRUE(!read || function.getSymName() == deriveName)
          << "a weight is cast in " << function.getSymName().str();
    });
  }
}

void expectInterfaceIsF32(ModuleOp module) {
  auto forward = module.lookupSymbol<func::FuncOp>(forwardName);
  FunctionType type = forward.getFunctionType();
  for (Type end : llvm::concat<const Type>(type.getInputs(), type.getResults()))
    EXPECT_TRUE(getElementTypeOrSelf(end).isF32());
  for (auto state : module.getOps<StateOp>()) {
    Type element = state.getTensorType().getElementType();
    if (state.getRole() != StateRole::Derived && isa<FloatType>(element)) {
      EXPECT_TRUE(element.isF32()) << state.getSymName().str();
    }
  }
}

void expectReportAgrees(ModuleOp module) {
  nlohmann::json report = precisionReport(module);
  auto step = module.lookupSymbol<func::FuncOp>(trainStepName);
  int64_t casts = 0;
  step.walk([&](CastOp op) { casts += !op.getUser(); });
  EXPECT_EQ(report["totals"]["casts"], casts);
  EXPECT_EQ(report["casts"].size(), size_t(casts));
  EXPECT_EQ(report["casts_in"]["train_step"]["inserted"], casts);
  size_t ops = 0;
  step.walk([&](SlotOpInterface op) {
    auto node = cast<NodeOpInterface>(op.getOperation());
    ops += node.getPrecisionAttr() != nullptr;
  });
  EXPECT_EQ(report["ops"].size(), ops);
}

// A value of a state or argument: floats of magnitude below 1/2 that are
// numbers of every format, integers 0 (a label that every model has).
reference::Tensor sample(RankedTensorType type, std::mt19937 &random) {
  reference::Tensor tensor(type);
  for (double &value : tensor.floats)
    value = (double(random() % 128) - 64) / 128;
  return tensor;
}

// One step of the reference interpreter, from derived state to the commit.
void expectRuns(ModuleOp module, std::mt19937 &random) {
  reference::TensorMap states;
  for (auto state : module.getOps<StateOp>()) {
    reference::Tensor tensor(state.getTensorType());
    if (auto fill = dyn_cast_or_null<FillAttr>(state.getInitializerAttr()))
      llvm::fill(tensor.floats, fill.asDouble());
    else
      tensor = sample(state.getTensorType(), random);
    states[state.getSymName()] = tensor;
  }
  auto derive = module.lookupSymbol<func::FuncOp>(deriveName);
  auto derived = reference::run(derive, states, {}, reference::Mode::Rounded);
  ASSERT_TRUE(succeeded(derived));
  auto step = module.lookupSymbol<func::FuncOp>(trainStepName);
  std::vector<reference::Tensor> arguments;
  for (Type type : step.getArgumentTypes())
    arguments.push_back(sample(cast<RankedTensorType>(type), random));
  auto outcome = reference::run(step, derived->states, arguments,
                                reference::Mode::Rounded);
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_TRUE(outcome->status.count("loss"));
  EXPECT_TRUE(!outcome->applied ||
              std::isfinite(outcome->status["loss"].scalar()));
}

TEST(RandomPolicies, TwoHundredGiveIrThatVerifiesRunsAndKeepsItsPromises) {
  llvm::SmallString<64> path;
  int descriptor;
  ASSERT_FALSE(
      llvm::sys::fs::createTemporaryFile("policy", "json", descriptor, path));
  std::mt19937 random(20220823);
  unsigned narrow = 0;
  for (unsigned i = 0; i < 201 && !::testing::Test::HasFailure(); ++i) {
    const std::string &model = modelTexts()[i % modelTexts().size()];
    Setting setting = randomSetting(random, model, path.str().str());
    std::string error;
    auto module = compile(model, setting, error);
    ASSERT_TRUE(module) << "policy " << i << ": " << error;
    EXPECT_TRUE(succeeded(verify(*module)));
    expectTypesAsDecided(*module);
    expectCastsAreNeeded(*module);
    expectInterfaceIsF32(*module);
    expectReportAgrees(*module);
    expectRuns(*module, random);
    nlohmann::json ops = precisionReport(*module)["totals"]["ops"];
    narrow += ops["f16"].get<int>() + ops["bf16"].get<int>() > 0;
  }
  // Most of them must have something to get wrong.
  EXPECT_GT(narrow, 150u);
  llvm::sys::fs::remove(path);
}

TEST(F32, IsWhatEveryPolicyThatDeniesAllGives) {
  for (const std::string &model : modelTexts()) {
    std::string error;
    auto text = [&](Setting setting) {
      auto module = compile(model, setting, error);
      return module ? textWithoutDecisions(*module) : "";
    };
    std::string f32 = text({"fp32", "default", {}});
    ASSERT_FALSE(f32.empty()) << error;
    for (const char *format : {"fp16", "bf16"}) {
      EXPECT_EQ(text({format, "none", {}}), f32);
      EXPECT_EQ(text({format, "default", {"deny=*"}}), f32);
      EXPECT_EQ(text({format, "all", {"deny=*"}}), f32);
    }
    EXPECT_NE(text({"fp16", "default", {}}), f32);
  }
}

TEST(F32, NeedsNoCastsButTheModels) {
  for (const std::string &model : modelTexts()) {
    std::string error;
    auto module = compile(model, {"fp32", "default", {}}, error);
    ASSERT_TRUE(module) << error;
    module->walk([](CastOp op) { EXPECT_TRUE(op.getUser()); });
  }
}

TEST(Evaluation, ReadsAndStoresWhatTrainingDoes) {
  for (const std::string &model : modelTexts()) {
    std::string error;
    auto module = compile(model, {}, error);
    ASSERT_TRUE(module) << error;
    std::map<std::string, std::string> step;
    auto key = [](NodeOpInterface op) {
      std::string text;
      llvm::raw_string_ostream(text) << op.getNodeAttr();
      return text;
    };
    auto types = [](NodeOpInterface op) {
      std::string text;
      llvm::raw_string_ostream(text)
          << elementTypeOf(op->getOperand(0)) << " -> "
          << elementTypeOf(op->getResult(0));
      return text;
    };
    auto isForward = [](NodeOpInterface op) {
      DirectionAttr direction = op.getDirectionAttr();
      return op.getPrecisionAttr() && op->getNumOperands() &&
             op->getNumResults() &&
             (!direction || direction.getValue() == Direction::Forward);
    };
    auto function = [&](llvm::StringRef name) {
      return module->lookupSymbol<func::FuncOp>(name);
    };
    function(trainStepName).walk([&](NodeOpInterface op) {
      if (isForward(op))
        step[key(op)] = types(op);
    });
    unsigned compared = 0;
    function(forwardName).walk([&](NodeOpInterface op) {
      if (!isForward(op))
        return;
      EXPECT_EQ(types(op), step[key(op)]) << key(op);
      ++compared;
    });
    EXPECT_GE(compared, 3u);
  }
}

} // namespace
