// What short forms of activations share.
//
// Beyond the bounds on x, results are 0 in the stored format or no longer
// change; no bound comes near to where 2^k overflows or is subnormal. The one
// exception are results in bf16: as its exponents are those of f32, some are
// subnormal, and what they are products of is computed times 2^24.
#ifndef MPC_COMPILER_LOWERING_SCALARSHORTPARTS_H
#define MPC_COMPILER_LOWERING_SCALARSHORTPARTS_H

#include "compiler/lowering/math/FloatMath.h"

#include <cmath>

namespace mpc::scalar {

inline constexpr int64_t lift = 24;
/// The exponent of the power of two that results are computed times.
inline int64_t liftFor(mlir::Type stored) { return stored.isBF16() ? lift : 0; }

inline mlir::Value within(FloatMath &m, mlir::Value x, double bound) {
  return m.clamp(x, -bound, bound);
}
inline mlir::Value atMost(FloatMath &m, mlir::Value x, double bound) {
  return m.clamp(x, -HUGE_VAL, bound);
}
inline mlir::Value atLeast(FloatMath &m, mlir::Value x, double bound) {
  return m.clamp(x, bound, HUGE_VAL);
}

// ScalarShortGelu.cpp
mlir::Value shortGelu(FloatMath &m, mlir::Value x, mlir::Type stored);
mlir::Value shortGeluSlope(FloatMath &m, mlir::Value x, mlir::Type stored);

} // namespace mpc::scalar

#endif
