// Diagnostics as a user reads them: by the model's node, not by a line of IR.
#ifndef MPC_COMPILER_PIPELINE_DIAGNOSTICS_H
#define MPC_COMPILER_PIPELINE_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include <string>
#include <vector>

namespace mpc {

/// An error of a pass.
struct FoundError {
  std::string node; ///< the model's node, or empty
  std::string message;
};

/// While it lives, prints every diagnostic of the context to stderr as
/// `error: node 'NAME': message`, and keeps the errors. Remarks are kept alone:
/// `node 'NAME': message`.
class DiagnosticPrinter {
public:
  explicit DiagnosticPrinter(mlir::MLIRContext *context);

  llvm::ArrayRef<FoundError> errors() const { return found; }
  llvm::ArrayRef<std::string> remarks() const { return noted; }

private:
  std::vector<FoundError> found;
  std::vector<std::string> noted;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace mpc

#endif
