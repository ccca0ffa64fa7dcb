// Small models, and the road from forward to final types under a policy.
#ifndef MPC_TEST_UNIT_PASSES_PRECISION_MODELS_H
#define MPC_TEST_UNIT_PASSES_PRECISION_MODELS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <string>
#include <vector>

/// How a model is compiled.
struct Setting {
  std::string format = "fp16";
  std::string policy = "default";
  std::vector<std::string> rules; ///< CLASS=TEXT
  bool scale = true;              ///< with the scaling phase
};

/// Forward functions as IR: dense layers; convolutions with batch
/// normalisation, pooling and a residual; and a model with casts, constants and
/// moved elements.
const std::vector<std::string> &modelTexts();

/// The context with every dialect and derivative.
mlir::MLIRContext &testContext();

/// The model after the cast phase, or null if a phase fails; then `error` has
/// the diagnostics. The verifier runs after every pass.
mlir::OwningOpRef<mlir::ModuleOp>
compile(const std::string &text, const Setting &setting, std::string &error);

/// The module's text without its precision decisions.
std::string textWithoutDecisions(mlir::ModuleOp module);

#endif
