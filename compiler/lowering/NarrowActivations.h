// Shorter arithmetic of activations whose results are stored in 16 bits.
#ifndef MPC_COMPILER_LOWERING_NARROWACTIVATIONS_H
#define MPC_COMPILER_LOWERING_NARROWACTIVATIONS_H

#include "compiler/lowering/math/FloatMath.h"

namespace mpc::scalar {

/// Whether a value is stored in f16 or bf16. Half a unit in the last place is
/// then 2^-12 of it at least, against which 2^-16 does not count.
bool isStoredNarrow(mlir::Value value);

/// gelu_tanh(x), relatively off by at most 2^-16; what is below 2^-122 may be
/// 0, and is at minus infinity.
mlir::Value narrowGeluTanh(FloatMath &m, mlir::Value x, bool isF16);
/// Its derivative: sums and products of terms that are off by 2^-16.
mlir::Value narrowGeluTanhDerivative(FloatMath &m, mlir::Value x);

} // namespace mpc::scalar

#endif
