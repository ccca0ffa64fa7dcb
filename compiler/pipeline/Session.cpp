#include "compiler/pipeline/Session.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/pipeline/Phases.h"
#include "compiler/pipeline/Registration.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mpc;

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registerDialects(registry);
  return registry;
}

Session::Session(const CompileOptions &options)
    : options(options),
      context(makeRegistry(), MLIRContext::Threading::DISABLED),
      diagnostics(&context) {
  context.loadAllAvailableDialects();
  // A user knows nodes; the IR of an op, or of a whole module, says nothing.
  context.printOpOnDiagnostic(false);
}

int Session::import() {
  frontend::ImportOptions import{options.model,     options.shapes,
                                 options.trainable, options.evaluateOnly,
                                 options.known,     options.arrayShapes};
  imported = frontend::importModel(context, import);
  for (const std::string &warning : imported.warnings)
    llvm::errs() << "warning: " << warning << "\n";
  if (imported.module && !options.evaluateOnly)
    imported.problems = findMissingDerivatives(module());
  for (const frontend::Problem &problem : imported.problems)
    llvm::errs() << "error: " << frontend::toText(problem, options.model)
                 << "\n";
  return static_cast<int>(imported.code());
}

int Session::runTo(llvm::StringRef last) {
  int code = runPhases(module(), options, done, last);
  done = last.str();
  return code;
}

// Ops whose results depend on a parameter.
static llvm::DenseSet<Operation *> dependOnParameters(func::FuncOp forward) {
  auto module = forward->getParentOfType<ModuleOp>();
  llvm::DenseSet<Operation *> found;
  for (Operation &op : forward.getOps()) {
    if (auto read = dyn_cast<ReadOp>(op)) {
      auto state = module.lookupSymbol<StateOp>(read.getState());
      if (state && state.getRole() == StateRole::Parameter)
        found.insert(&op);
    } else if (llvm::any_of(op.getOperands(), [&](Value operand) {
                 return found.contains(operand.getDefiningOp());
               })) {
      found.insert(&op);
    }
  }
  return found;
}

frontend::Problems mpc::findMissingDerivatives(ModuleOp module) {
  frontend::Problems problems;
  auto forward = module.lookupSymbol<func::FuncOp>(forwardName);
  for (Operation *op : dependOnParameters(forward)) {
    if (isa<ReadOp>(op) || op->hasTrait<OpTrait::IsTerminator>() ||
        isa<DifferentiableOpInterface>(op))
      continue;
    auto node = dyn_cast<NodeOpInterface>(op);
    frontend::Problem problem;
    if (node && node.getNodeAttr() && !node.getNodeAttr().empty())
      problem.node = cast<StringAttr>(node.getNodeAttr()[0]).str();
    if (node && node.getOpTypeAttr())
      problem.opType = node.getOpTypeAttr().str();
    problem.message = "has no derivative, but parameters depend on it";
    problem.nextAction = "freeze the parameters before it with --trainable";
    problem.code = mpcrt::Code::Unsupported;
    problem.onGradientPath = true;
    problems.push_back(problem);
  }
  llvm::sort(problems,
             [](const auto &a, const auto &b) { return a.node < b.node; });
  return problems;
}
