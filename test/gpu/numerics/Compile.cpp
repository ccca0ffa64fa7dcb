#include "test/gpu/numerics/Compile.h"
#include "compiler/lowering/Artifact.h"
#include "compiler/pipeline/Phases.h"
#include "compiler/pipeline/Registration.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "runtime/artifact/Digest.h"

using namespace mlir;
using namespace mpc;

static mpcrt::Status emitTargets(ArrayRef<OwningOpRef<ModuleOp>> lowered,
                                 const std::string &name,
                                 const std::string &path) {
  EmitOptions emission;
  emission.model = {name, mpcrt::Digest().hex()};
  emission.training.precision = "fp32";
  emission.training.batch = 1;
  SmallVector<ModuleOp> modules;
  for (const OwningOpRef<ModuleOp> &module : lowered)
    modules.push_back(*module);
  return emitArtifact(modules, emission, path);
}

bool mpc::test::compileArtifact(const std::string &text,
                                const std::string &name,
                                const std::vector<std::string> &targets,
                                const std::string &path) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return false;
  std::vector<OwningOpRef<ModuleOp>> lowered;
  for (const std::string &target : targets) {
    CompileOptions options;
    options.targets = {target};
    lowered.emplace_back(module->clone());
    if (runPhases(*lowered.back(), options, "cast", "lower") != 0)
      return false;
  }
  mpcrt::Status status = emitTargets(lowered, name, path);
  if (!status.ok())
    llvm::errs() << name << ": " << status.message() << "\n";
  return status.ok();
}
