// What pooling operators share.
#ifndef MPC_FRONTEND_RULES_POOLING_H
#define MPC_FRONTEND_RULES_POOLING_H

#include "frontend/rules/Windows.h"

namespace mpc::frontend {

/// The window of a pooling node on `input` (null is passed on). Nothing, with a
/// problem, if it does not fit.
std::optional<Window> readPool(NodeImport &node, mlir::Value input);

/// Pools [N, C, ...] with `pool(planes, window)`. A volume is pooled plane by
/// plane, then along its depth: the largest of the largest is the largest, the
/// sum of sums the sum, and since all planes count the same elements, the mean
/// of means is the mean.
mlir::Value
poolPlanes(NodeImport &node, mlir::Value input, const Window &window,
           llvm::function_ref<mlir::Value(mlir::Value, const Window &)> pool);

} // namespace mpc::frontend

#endif
