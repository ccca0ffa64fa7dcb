// What mpc.gemm and mpc.batch_matmul have in common, for the emitters of every
// target: one product of matrices, many times, scaled and added to.
#ifndef MPC_COMPILER_LOWERING_EMIT_GEMMPROBLEM_H
#define MPC_COMPILER_LOWERING_EMIT_GEMMPROBLEM_H

#include "compiler/lowering/ElementAccess.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mpc {

/// result[batch] = alpha * A'[batch] * B'[batch] + beta * C, where A' is
/// [m, k] and B' [k, n]; in memory A is [k, m] if `transA`, B [n, k] if
/// `transB`.
struct GemmProblem : GemmExtents {
  mlir::Value a, b, c, result; ///< c may be null
  bool transA, transB;
  float alpha, beta;

  explicit GemmProblem(mlir::Operation *root);

  /// Indices of an element of an operand or of the result; those of gemm have
  /// no batch.
  llvm::SmallVector<mlir::Value> indices(mlir::Value of, mlir::Value batch,
                                         mlir::Value row,
                                         mlir::Value column) const;
  /// alpha * sum + beta * C at (row, column), in f32.
  mlir::Value scaled(mlir::ImplicitLocOpBuilder &builder,
                     ElementAccess &elements, mlir::Value sum, mlir::Value row,
                     mlir::Value column, int64_t lanes) const;
  /// The same with an element of C, which is null if there is none.
  mlir::Value scaled(mlir::ImplicitLocOpBuilder &builder, mlir::Value sum,
                     mlir::Value added) const;
};

} // namespace mpc

#endif
