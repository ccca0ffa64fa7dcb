#include "compiler/pipeline/GradientPath.h"
#include "compiler/dialect/Dialect.h"
#include "frontend/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mpc;

static bool isFloat(Value value) {
  return isa<FloatType>(elementTypeOf(value));
}

// Whether the op brings in what gradients are taken of: a parameter, or results
// of a node that could not be imported and that depends on one.
static bool isSource(Operation &op, ModuleOp module) {
  if (op.hasAttr(frontend::gradientPathAttr))
    return true;
  auto read = dyn_cast<ReadOp>(op);
  if (!read)
    return false;
  auto state = module.lookupSymbol<StateOp>(read.getState());
  return state && state.getRole() == StateRole::Parameter;
}

static llvm::DenseSet<Value> dependentValues(func::FuncOp forward) {
  auto module = forward->getParentOfType<ModuleOp>();
  llvm::DenseSet<Value> found;
  for (Operation &op : forward.getOps())
    if (isSource(op, module) ||
        llvm::any_of(op.getOperands(),
                     [&](Value operand) { return found.contains(operand); }))
      for (Value result : op.getResults())
        if (isFloat(result))
          found.insert(result);
  return found;
}

static llvm::DenseSet<Value>
reachingValues(func::FuncOp forward, func::ReturnOp end, StringRef lossOutput) {
  llvm::DenseSet<Value> found;
  for (auto [index, output] : llvm::enumerate(end.getOperands())) {
    auto name = forward.getResultAttrOfType<StringAttr>(index, "mpc.name");
    if (lossOutput.empty() || (name && name.getValue() == lossOutput))
      found.insert(output);
  }
  for (Operation &op : llvm::reverse(forward.front().without_terminator()))
    if (llvm::any_of(op.getResults(),
                     [&](Value result) { return found.contains(result); }))
      for (Value operand : op.getOperands())
        if (isFloat(operand))
          found.insert(operand);
  return found;
}

llvm::SetVector<Operation *> mpc::opsOnGradientPath(ModuleOp module,
                                                    StringRef lossOutput) {
  auto forward = module.lookupSymbol<func::FuncOp>(forwardName);
  llvm::DenseSet<Value> dependent = dependentValues(forward), reaching;
  func::ReturnOp end;
  if (!forward.front().empty())
    end = dyn_cast<func::ReturnOp>(forward.front().back());
  if (end)
    reaching = reachingValues(forward, end, lossOutput);
  llvm::SetVector<Operation *> found;
  for (Operation &op : forward.getOps()) {
    bool depends = llvm::any_of(op.getOperands(), [&](Value operand) {
      return dependent.contains(operand);
    });
    for (Value result : op.getResults())
      if (depends && dependent.contains(result) &&
          (!end || reaching.contains(result)))
        found.insert(&op);
  }
  return found;
}

static std::string nodeOf(Operation *op) {
  auto node = dyn_cast<NodeOpInterface>(op);
  if (!node || !node.getNodeAttr() || node.getNodeAttr().empty())
    return "";
  return cast<StringAttr>(node.getNodeAttr()[0]).str();
}

frontend::Problems mpc::findMissingDerivatives(ModuleOp module,
                                               StringRef lossOutput) {
  frontend::Problems problems;
  for (Operation *op : opsOnGradientPath(module, lossOutput)) {
    if (isa<DifferentiableOpInterface, UnrealizedConversionCastOp>(op))
      continue;
    frontend::Problem problem = frontend::modelProblem(
        mpcrt::Code::Unsupported,
        "has no derivative, but the loss depends on parameters through it",
        "freeze the parameters before it with --trainable");
    problem.node = nodeOf(op);
    if (auto node = dyn_cast<NodeOpInterface>(op); node && node.getOpTypeAttr())
      problem.opType = node.getOpTypeAttr().str();
    problem.onGradientPath = true;
    // A node may consist of several such ops.
    if (problems.empty() || problems.back().node != problem.node)
      problems.push_back(std::move(problem));
  }
  return problems;
}

llvm::StringSet<> mpc::nodesOnGradientPath(ModuleOp module,
                                           StringRef lossOutput) {
  llvm::StringSet<> nodes;
  for (Operation *op : opsOnGradientPath(module, lossOutput))
    nodes.insert(nodeOf(op));
  return nodes;
}
