// The arithmetic of pointwise losses on one element.
#ifndef MPC_COMPILER_LOWERING_LOSSOPS_H
#define MPC_COMPILER_LOWERING_LOSSOPS_H

#include "compiler/dialect/Dialect.h"

namespace mpc {

/// The loss of a prediction and a target, and its derivative by the prediction:
/// f32, scalars or vectors.
mlir::Value emitPointwiseLoss(mlir::OpBuilder &b, mlir::Location loc,
                              PointwiseLoss kind, mlir::Value prediction,
                              mlir::Value target);
mlir::Value emitPointwiseDerivative(mlir::OpBuilder &b, mlir::Location loc,
                                    PointwiseLoss kind, mlir::Value prediction,
                                    mlir::Value target);

} // namespace mpc

#endif
