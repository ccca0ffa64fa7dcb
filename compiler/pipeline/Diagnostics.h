// Diagnostics as a user reads them: by the model's node, not by a line of IR.
#ifndef MPC_COMPILER_PIPELINE_DIAGNOSTICS_H
#define MPC_COMPILER_PIPELINE_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"

namespace mpc {

/// While it lives, prints every diagnostic of the context to stderr as
/// `error: node 'NAME': message`.
class DiagnosticPrinter {
public:
  explicit DiagnosticPrinter(mlir::MLIRContext *context);

private:
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace mpc

#endif
