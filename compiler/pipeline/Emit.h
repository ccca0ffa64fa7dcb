// From the lowered module to an artifact on disk.
#ifndef MPC_COMPILER_PIPELINE_EMIT_H
#define MPC_COMPILER_PIPELINE_EMIT_H

#include "compiler/pipeline/Options.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/artifact/Manifest.h"

namespace mpc {

/// Writes the artifact to `options.output`, whole or not at all, or modules to
/// the folder of that name if `--emit` asks for them. `targets` are
/// what the lower phase left, one per target, `report` the precision report as
/// JSON text. Returns the exit code.
int emit(llvm::ArrayRef<mlir::ModuleOp> targets, const CompileOptions &options,
         const std::string &report);

/// Reads the manifest of an artifact.
mpcrt::Result<mpcrt::Manifest> readManifest(const std::string &artifact);

} // namespace mpc

#endif
