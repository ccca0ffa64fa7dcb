// What every program has besides its training step.
#ifndef MPC_OPTIMIZER_EVALUATIONFORM_H
#define MPC_OPTIMIZER_EVALUATIONFORM_H

#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mpc {

/// Replaces the ops of `forward` that differ between training and evaluation.
void takeEvaluationForm(mlir::func::FuncOp forward);

/// Adds `@derive`, empty.
void addDerive(mlir::ModuleOp module);

} // namespace mpc

#endif
