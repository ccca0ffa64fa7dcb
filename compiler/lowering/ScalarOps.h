// The arithmetic of elementwise ops on one element: ScalarOpInterface, and
// small helpers for whoever emits arithmetic on scalars or vectors of f32.
#ifndef MPC_COMPILER_LOWERING_SCALAROPS_H
#define MPC_COMPILER_LOWERING_SCALAROPS_H

#include "compiler/dialect/Dialect.h"
#include "mlir/IR/DialectRegistry.h"

#include "compiler/lowering/Interfaces.h.inc"

namespace mpc {

/// Attaches ScalarOpInterface to every elementwise op of the dialect.
void registerScalarOps(mlir::DialectRegistry &registry);

/// `element`, or a vector of `lanes` of it if lanes > 1.
mlir::Type withLanes(mlir::Type element, int64_t lanes);
/// Number of lanes of a scalar (1) or vector.
int64_t lanesOf(mlir::Value value);
/// Repeats a scalar; a vector, or lanes == 1, is returned as it is.
mlir::Value broadcastLanes(mlir::OpBuilder &b, mlir::Location loc,
                           mlir::Value value, int64_t lanes);
/// An f32 constant, on `lanes` lanes.
mlir::Value f32Constant(mlir::OpBuilder &b, mlir::Location loc, double value,
                        int64_t lanes = 1);
/// An integer constant of the given type, on `lanes` lanes.
mlir::Value intConstant(mlir::OpBuilder &b, mlir::Location loc,
                        mlir::Type element, int64_t value, int64_t lanes = 1);
mlir::Value indexConstant(mlir::OpBuilder &b, mlir::Location loc,
                          int64_t value);

/// Rounds f32 to `element` and widens it again: what a value of that type
/// holds. Nothing to do for f32. `value` may be a vector.
mlir::Value roundTo(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value,
                    mlir::Type element);

} // namespace mpc

#endif
