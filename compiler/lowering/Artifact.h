// From modules after the lower phase to an artifact file.
#ifndef MPC_COMPILER_LOWERING_ARTIFACT_H
#define MPC_COMPILER_LOWERING_ARTIFACT_H

#include "compiler/lowering/CpuImage.h"
#include "runtime/artifact/Manifest.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mpc {

/// What the module does not say about an artifact.
struct EmitOptions {
  mpcrt::ModelInfo model;
  mpcrt::TrainingInfo training;
  std::string report = "null"; ///< JSON text
  CpuImageOptions cpu;
  bool asPtx = false; ///< images of GPUs are PTX, whatever the target
  /// The bytes of initialiser `tensor` of the model file at `path`, in the
  /// state's type and order, or nothing if there is none.
  std::function<std::optional<std::vector<std::byte>>(
      const std::string &path, const std::string &tensor)>
      weights;
};

/// Everything of the manifest that the module says: states, inputs, label,
/// outputs, buffers and launches. Tensors that it names are in `tensors`.
struct Program {
  mpcrt::Manifest manifest;
  struct Tensor {
    std::string name;
    mpcrt::DType dtype;
    std::vector<int64_t> shape;
    std::vector<std::byte> bytes;
  };
  std::vector<Tensor> tensors;
};

/// Reads the modules of one program after the lower phase, one per target.
/// Code::Internal with a message that names what is missing; diagnostics of the
/// code generators go to the context.
mpcrt::Result<Program> buildProgram(llvm::ArrayRef<mlir::ModuleOp> targets,
                                    const EmitOptions &options);

/// buildProgram, written to `path` as a whole or not at all.
mpcrt::Status emitArtifact(llvm::ArrayRef<mlir::ModuleOp> targets,
                           const EmitOptions &options, const std::string &path);

} // namespace mpc

#endif
