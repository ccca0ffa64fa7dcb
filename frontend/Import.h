// From a model file to a module with `@forward` and the model's state.
#ifndef MPC_FRONTEND_IMPORT_H
#define MPC_FRONTEND_IMPORT_H

#include "frontend/model/Graph.h"
#include "frontend/model/KnownValue.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mpc::frontend {

struct ImportOptions {
  std::string path; ///< the model, ONNX or JSON
  /// Values of `--shape`: "SYMBOL=N" or "INPUT=AxBxC".
  std::vector<std::string> shapes;
  /// Values of `--trainable`: a weight that matches none of these globs is not
  /// trained. Empty: every weight is trained.
  std::vector<std::string> trainable;
  /// The model is evaluated and never trained: weights may be of any type.
  bool evaluateOnly = false;
  /// Inference forms of BatchNormalization will become training forms, so there
  /// is no need to warn of them.
  bool trainBatchNorm = false;
  /// Values of inputs, by name. An input that only says shapes, axes and the
  /// like becomes a constant; the other values are not used.
  std::map<std::string, KnownValue> known = {};
  /// Shapes of arrays that will be given for inputs, by name; extents that
  /// neither the model nor `shapes` fixes are taken from them.
  std::map<std::string, std::vector<int64_t>> arrayShapes = {};
  /// What the random numbers of the model depend on, beside the nodes' names.
  uint64_t seed = 0;
};

/// See ImportResult::incomplete.
inline constexpr llvm::StringLiteral gradientPathAttr = "mpc.gradient_path";

struct ImportResult {
  /// The verified module, or null if there are problems.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// What could be imported, if there are problems: not verified, without the
  /// function's terminator, and with placeholders for the results of nodes that
  /// could not be. Those between a parameter and an output have
  /// `gradientPathAttr`.
  mlir::OwningOpRef<mlir::ModuleOp> incomplete;
  /// Everything that is wrong, in the order of the model's nodes.
  Problems problems;
  std::vector<std::string> warnings;
  /// What was changed on the way in, one line each.
  std::vector<std::string> reports;

  /// The exit code that the problems lead to; Code::Ok without any. A model
  /// that is invalid (3) is that before it is unsupported (4).
  mpcrt::Code code() const;
};

/// Reads the model and builds its IR as docs/road.md describes under `import`.
/// Loads the dialects it needs into `context`.
ImportResult importModel(mlir::MLIRContext &context,
                         const ImportOptions &options);

/// The same from a graph that has been read already; `problems` are the
/// reader's.
ImportResult importGraph(mlir::MLIRContext &context, Graph graph,
                         const ImportOptions &options, Problems problems);

} // namespace mpc::frontend

#endif
