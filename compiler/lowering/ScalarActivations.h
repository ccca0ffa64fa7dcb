// What activations and their derivatives share.
#ifndef MPC_COMPILER_LOWERING_SCALARACTIVATIONS_H
#define MPC_COMPILER_LOWERING_SCALARACTIVATIONS_H

#include "compiler/lowering/math/FloatMath.h"

namespace mpc::scalar {

/// exp, log, ... as ops of the math dialect, which are expanded later.
mlir::Value mathExp(FloatMath &m, mlir::Value x);
mlir::Value mathExpM1(FloatMath &m, mlir::Value x);

/// sigmoid(x) and sigmoid(-x), each relatively exact.
struct Sigmoids {
  mlir::Value of, ofNegative;
};
Sigmoids sigmoids(FloatMath &m, mlir::Value x);

/// The normal distribution at x of magnitude up to 15, where its tail ends:
/// P(X < x) and the density, each relatively exact.
struct Normal {
  mlir::Value below, density;
};
Normal normal(FloatMath &m, mlir::Value x);

/// sigmoids(2 sqrt(2 / pi) (x + 0.044715 x^3)) for x of magnitude up to 11,
/// beyond which they are 0 and 1.
Sigmoids geluSigmoids(FloatMath &m, mlir::Value x);

mlir::Value emitGelu(FloatMath &m, mlir::Value x);
mlir::Value emitGeluTanh(FloatMath &m, mlir::Value x);

/// x tanh(softplus(x)) = x w / (w + 2) with n = exp(x), w = n (n + 2).
struct MishParts {
  mlir::Value n, w;
};
/// For x up to 20, where w / (w + 2) is 1.
MishParts mishParts(FloatMath &m, mlir::Value x);

} // namespace mpc::scalar

#endif
