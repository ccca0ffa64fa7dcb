#include "compiler/pipeline/Session.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/pipeline/GradientPath.h"
#include "compiler/pipeline/Phases.h"
#include "compiler/pipeline/Registration.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
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

std::string mpc::lossOutputOf(const CompileOptions &options) {
  size_t end = options.loss.rfind('=');
  return end == std::string::npos ? "" : options.loss.substr(0, end);
}

// Tells what a problem means for training.
static void printPathNote(const frontend::Problem &problem) {
  if (problem.node.empty())
    return;
  llvm::errs() << (problem.onGradientPath
                       ? "  note: on a gradient path: parameters before it "
                         "cannot be trained\n"
                       : "  note: on no gradient path: what it computes does "
                         "not depend on parameters\n");
}

int Session::import(bool tellPaths) {
  frontend::ImportOptions import{options.model,          options.shapes,
                                 options.trainable,      options.evaluateOnly,
                                 options.trainBatchNorm, options.known,
                                 options.arrayShapes,    options.seed};
  imported = frontend::importModel(context, import);
  for (const std::string &warning : imported.warnings)
    llvm::errs() << "warning: " << warning << "\n";
  if (!options.evaluateOnly)
    addMissingDerivatives();
  for (const frontend::Problem &problem : imported.problems) {
    llvm::errs() << "error: " << frontend::toText(problem, options.model)
                 << "\n";
    if (tellPaths)
      printPathNote(problem);
  }
  return static_cast<int>(imported.code());
}

void Session::addMissingDerivatives() {
  ModuleOp found = imported.module ? *imported.module : *imported.incomplete;
  if (!found)
    return;
  for (frontend::Problem &problem :
       findMissingDerivatives(found, lossOutputOf(options)))
    imported.problems.push_back(std::move(problem));
  if (!imported.problems.empty())
    imported.module = nullptr;
}

int Session::runTo(llvm::StringRef last) {
  int code = runPhases(module(), options, done, last);
  done = last.str();
  return code;
}

OwningOpRef<ModuleOp> Session::runFor(const std::string &target,
                                      llvm::StringRef last, int &code) {
  OwningOpRef<ModuleOp> copy = module().clone();
  CompileOptions own = options;
  own.targets = {target};
  code = runPhases(*copy, own, done, last);
  return code ? nullptr : std::move(copy);
}

std::vector<std::string> Session::rewrites() const {
  std::vector<std::string> lines = imported.reports;
  llvm::append_range(lines, diagnostics.remarks());
  return lines;
}
