// What short forms share, and where they are.
//
// Beyond the bounds on x, results are 0 in the stored format or no longer
// change; no bound comes near to where 2^k overflows or is subnormal. The one
// exception are results in bf16: as its exponents are those of f32, some are
// subnormal, and what they are products of is computed times 2^24.
#ifndef MPC_COMPILER_LOWERING_SCALARSHORTPARTS_H
#define MPC_COMPILER_LOWERING_SCALARSHORTPARTS_H

#include "compiler/dialect/Dialect.h"
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

using Function = UnaryFunction;
using mlir::Type;
using mlir::Value;

// ScalarShortActivations.cpp; null for other functions.
Value shortActivation(FloatMath &m, Function function, Value x, Type stored);
Value shortActivationSlope(FloatMath &m, Function function, Value x,
                           Type stored);

// ScalarShortNormal.cpp
Value shortGelu(FloatMath &m, Value x, Type stored);
Value shortGeluSlope(FloatMath &m, Value x, Type stored);
Value shortErf(FloatMath &m, Value x);
Value shortErfSlope(FloatMath &m, Value x);

// ScalarShortExponential.cpp
Value shortExp(FloatMath &m, Value x, Type stored);
/// sinh or cosh. Where it is not wide, it is infinite beyond 12, as in f16.
Value shortHyperbolic(FloatMath &m, Function function, Value x, bool isWide);
/// elu, selu or celu; null for parameters out of the ordinary.
Value shortLinearUnit(FloatMath &m, Function function, Value x, double alpha,
                      double beta);
Value shortLinearUnitSlope(FloatMath &m, Function function, Value x,
                           double alpha, double beta);

// ScalarShortLogarithm.cpp
Value shortLog(FloatMath &m, Value x);
Value shortAsinh(FloatMath &m, Value x, Type stored);
Value shortAcosh(FloatMath &m, Value x, Type stored);
Value shortAtanh(FloatMath &m, Value x);
Value shortAsinhSlope(FloatMath &m, Value x);
Value shortAcoshSlope(FloatMath &m, Value x);
Value shortAtanhSlope(FloatMath &m, Value x);

// ScalarShortTrigonometric.cpp
Value shortSin(FloatMath &m, Value x);
Value shortCos(FloatMath &m, Value x);
Value shortTan(FloatMath &m, Value x);
Value shortAsin(FloatMath &m, Value x);
Value shortAcos(FloatMath &m, Value x);
Value shortAtan(FloatMath &m, Value x);
Value shortAsinSlope(FloatMath &m, Value x);
Value shortAtanSlope(FloatMath &m, Value x);

} // namespace mpc::scalar

#endif
