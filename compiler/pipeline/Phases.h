// The one list that orders the compiler.
#ifndef MPC_COMPILER_PIPELINE_PHASES_H
#define MPC_COMPILER_PIPELINE_PHASES_H

#include "compiler/pipeline/Options.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

namespace mpc {

/// One line of the road. Import and emission are not passes: their `addPasses`
/// is null.
struct Phase {
  llvm::StringRef name;
  llvm::StringRef promise; ///< what the IR keeps to from here on
  int exitCode;            ///< of the contract, if a pass of the phase refuses
  void (*addPasses)(mlir::OpPassManager &passes, const CompileOptions &options);
};

/// All phases, in order.
llvm::ArrayRef<Phase> phases();

/// Runs the phases behind `done` up to and including `last`. The module is
/// verified after every pass. Returns 0 or the exit code of the phase that
/// refused; diagnostics go to the context's handler.
int runPhases(mlir::ModuleOp module, const CompileOptions &options,
              llvm::StringRef done, llvm::StringRef last);

} // namespace mpc

#endif
