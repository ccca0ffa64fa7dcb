// One run of the compiler: context, diagnostics and the imported module.
#ifndef MPC_COMPILER_PIPELINE_SESSION_H
#define MPC_COMPILER_PIPELINE_SESSION_H

#include "compiler/pipeline/Diagnostics.h"
#include "compiler/pipeline/Options.h"
#include "frontend/Import.h"
#include "mlir/IR/MLIRContext.h"

namespace mpc {

class Session {
public:
  explicit Session(const CompileOptions &options);

  /// Imports the model and checks that it can be trained. On failure prints
  /// every problem and returns the exit code; 0 on success.
  int import();

  /// Runs the phases that are left up to `last`, which must not lie behind;
  /// returns the exit code.
  int runTo(llvm::StringRef last);

  mlir::ModuleOp module() { return *imported.module; }
  const frontend::ImportResult &result() const { return imported; }

private:
  const CompileOptions &options;
  mlir::MLIRContext context;
  DiagnosticPrinter diagnostics;
  frontend::ImportResult imported;
  std::string done = "import"; ///< the last phase that ran
};

/// Problems of ops between a trainable parameter and a model output that have
/// no derivative (exit code 4).
frontend::Problems findMissingDerivatives(mlir::ModuleOp module);

} // namespace mpc

#endif
