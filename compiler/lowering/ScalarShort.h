// Short forms of functions whose result is stored in f16 or bf16.
#ifndef MPC_COMPILER_LOWERING_SCALARSHORT_H
#define MPC_COMPILER_LOWERING_SCALARSHORT_H

#include "compiler/dialect/Dialect.h"
#include "compiler/lowering/math/FloatMath.h"

namespace mpc::scalar {

/// Whether results that are stored so have short forms at all.
bool hasShortForms(mlir::Type stored);

/// function(x) for a result that is rounded to `stored`: the error that
/// docs/numerics.md states is far below that of the rounding. Null where there
/// is no short form or `stored` is not narrow.
mlir::Value shortUnary(FloatMath &m, UnaryFunction function, mlir::Value x,
                       double alpha, double beta, mlir::Type stored);

/// The derivative at x, in the same way.
mlir::Value shortDerivative(FloatMath &m, UnaryFunction function, mlir::Value x,
                            double alpha, double beta, mlir::Type stored);

/// x^y, where x and y are numbers of f16 or bf16.
mlir::Value shortPow(FloatMath &m, mlir::Value x, mlir::Value y,
                     mlir::Type stored);

} // namespace mpc::scalar

#endif
