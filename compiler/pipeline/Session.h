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
  /// every problem and returns the exit code; 0 on success. `tellPaths`: a note
  /// behind each says whether a gradient passes its node.
  int import(bool tellPaths = false);

  /// Runs the phases that are left up to `last`, which must not lie behind;
  /// returns the exit code.
  int runTo(llvm::StringRef last);

  /// A copy of the module after the cast phase, taken through the phases up to
  /// `last` for one target. Null with the exit code in `code` on failure.
  mlir::OwningOpRef<mlir::ModuleOp> runFor(const std::string &target,
                                           llvm::StringRef last, int &code);

  /// What import and the phases so far changed of the model, one line each; of
  /// the phases only if the options ask for it.
  std::vector<std::string> rewrites() const;

  mlir::ModuleOp module() { return *imported.module; }
  const frontend::ImportResult &result() const { return imported; }
  /// What passes reported so far.
  llvm::ArrayRef<FoundError> errors() const { return diagnostics.errors(); }

private:
  void addMissingDerivatives();

  const CompileOptions &options;
  mlir::MLIRContext context;
  DiagnosticPrinter diagnostics;
  frontend::ImportResult imported;
  std::string done = "import"; ///< the last phase that ran
};

/// The name of the output that `--loss` names, or "".
std::string lossOutputOf(const CompileOptions &options);

} // namespace mpc

#endif
