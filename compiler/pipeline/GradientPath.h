// What lies between trainable parameters and the loss, before there is one.
#ifndef MPC_COMPILER_PIPELINE_GRADIENTPATH_H
#define MPC_COMPILER_PIPELINE_GRADIENTPATH_H

#include "frontend/model/Problem.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

namespace mpc {

/// The ops of @forward that a gradient passes: floats that depend on a
/// trainable parameter and that the loss's output depends on. `lossOutput` is
/// the name of that output; if it is empty, every output is one. An incomplete
/// module, as import leaves it where there are problems, has no outputs yet:
/// there everything that depends on a parameter counts.
llvm::SetVector<mlir::Operation *>
opsOnGradientPath(mlir::ModuleOp module, llvm::StringRef lossOutput);

/// Problems of those ops that have no derivative (exit code 4).
frontend::Problems findMissingDerivatives(mlir::ModuleOp module,
                                          llvm::StringRef lossOutput);

/// The names of the nodes that those ops come from.
llvm::StringSet<> nodesOnGradientPath(mlir::ModuleOp module,
                                      llvm::StringRef lossOutput);

} // namespace mpc

#endif
