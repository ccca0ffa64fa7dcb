// Arithmetic of kernels that go by rows.
#ifndef MPC_COMPILER_LOWERING_EMIT_ROWMATH_H
#define MPC_COMPILER_LOWERING_EMIT_ROWMATH_H

#include "compiler/lowering/Emitter.h"

namespace mpc {

/// Arithmetic on f32 scalars and vectors alike, in few words.
class RowMath {
public:
  explicit RowMath(TileKernel &k) : k(k) {}

protected:
  using Value = mlir::Value;
  Value add(Value x, Value y);
  /// sum + term where 0 and -0 are the same, so that 0 + term is nothing to do.
  Value addTerm(Value sum, Value term);
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value div(Value x, Value y);
  /// x * y + z, rounded once.
  Value fma(Value x, Value y, Value z);
  Value max(Value x, Value y);
  Value exp(Value x);
  /// The same for x up to 64, with fewer instructions.
  Value lowExp(Value x);
  /// log(x) of a sum of powers of e one of which is not below e^-40.
  Value logOfSum(Value x);
  /// 1 / sqrt(x).
  Value inverseRoot(Value x);
  /// e^x times 2^shift, up to 2^-18.4 of it, for x up to about 40; the exponent
  /// is at least -124.
  Value shortExp(Value x, int64_t shift);
  /// 1 / x up to 2^-20 of it, for x from 2^-126 to 2^125, or NaN.
  Value shortInverse(Value x);
  Value number(double value, int64_t lanes = 1);
  Value spread(Value x, int64_t lanes);

  TileKernel &k;
};

} // namespace mpc

#endif
