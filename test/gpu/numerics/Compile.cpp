#include "test/gpu/numerics/Compile.h"
#include "compiler/lowering/Artifact.h"
#include "compiler/pipeline/Phases.h"
#include "compiler/pipeline/Registration.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "runtime/artifact/Digest.h"

using namespace mlir;
using namespace mpc;

bool mpc::test::compileArtifact(const std::string &text,
                                const std::string &name,
                                const std::string &target,
                                const std::string &path) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  auto module = parseSourceString<ModuleOp>(text, &context);
  CompileOptions options;
  options.targets = {target};
  if (!module || runPhases(*module, options, "cast", "lower") != 0)
    return false;
  EmitOptions emission;
  emission.model = {name, mpcrt::Digest().hex()};
  emission.training.precision = "fp32";
  emission.training.batch = 1;
  mpcrt::Status status = emitArtifact(*module, emission, path);
  if (!status.ok())
    llvm::errs() << name << ": " << status.message() << "\n";
  return status.ok();
}
