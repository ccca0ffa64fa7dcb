// Ops of constants, computed at compile time.
#ifndef MPC_PASSES_SIMPLIFY_CONSTANTFOLDING_H
#define MPC_PASSES_SIMPLIFY_CONSTANTFOLDING_H

#include "compiler/dialect/Dialect.h"

namespace mpc {

/// The value of an op whose operands are all `mpc.constant`: a reshape, a
/// transpose, a broadcast, or a sum, difference, product or quotient in f32 or
/// i64. Null for other ops, for results of more than 4096 elements and for a
/// division of integers.
mlir::DenseElementsAttr foldToConstant(mlir::Operation *op);

} // namespace mpc

#endif
