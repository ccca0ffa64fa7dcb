// What rules of elementwise operators share.
#ifndef MPC_FRONTEND_RULES_ELEMENTWISE_H
#define MPC_FRONTEND_RULES_ELEMENTWISE_H

#include "frontend/NodeImport.h"

namespace mpc::frontend {

inline bool isFloat(mlir::Value value) {
  return llvm::isa<mlir::FloatType>(elementTypeOf(value));
}

/// Operand `index` if it is of floats; else null with a problem.
mlir::Value floatOperand(NodeImport &node, unsigned index);

/// Whether two operands broadcast, and are both floats or of one integer type;
/// if not, with a problem.
bool fitTogether(NodeImport &node, mlir::Value lhs, mlir::Value rhs);

/// A scalar constant of the element type of `like`.
mlir::Value scalarLike(NodeImport &node, mlir::Value like, double value);
mlir::Value integerScalarLike(NodeImport &node, mlir::Value like,
                              int64_t value);

/// `then` where the condition holds, else `otherwise`; broadcasts.
mlir::Value selectOf(NodeImport &node, mlir::Value condition, mlir::Value then,
                     mlir::Value otherwise);

/// Changes the element type: nothing, a cast or a conversion.
mlir::Value convertTo(NodeImport &node, mlir::Value value, mlir::Type element);

} // namespace mpc::frontend

#endif
