// What the emitters of normalisation by rows read of their ops.
#ifndef MPC_COMPILER_LOWERING_EMIT_ROWNORMALIZATION_H
#define MPC_COMPILER_LOWERING_EMIT_ROWNORMALIZATION_H

#include "compiler/lowering/emit/AxisLoops.h"

namespace mpc {

/// What layer_normalization, rms_normalization and their gradients have in
/// common; parts that an op lacks are null.
struct Norm {
  mlir::Value gradient, input, scale, bias; ///< operands
  mlir::Value mean, inverse;                ///< statistics, operands or results
  mlir::Value output;                       ///< y, or the gradient of x
  mlir::Value scaleGradient, biasGradient;  ///< results
  int64_t axis;
  double epsilon = 0;
  Grain grain;

  explicit Norm(mlir::Operation *root);

  AxisPlan rows() const;
  AxisPlan columns() const;
  /// What is read of a row, more than once.
  llvm::SmallVector<mlir::Value> rowOperands() const;
  /// Sums of a row that are known at the same time.
  int64_t joinedSums() const;
  /// The threads of a GPU that have a tile of rows().
  TeamShape team() const;

private:
  KernelOp kernel;
  template <typename Op> void readMean(Op op);
  template <typename Op> void readForward(Op op);
  template <typename Op> void readGradient(Op op);
};

} // namespace mpc

#endif
