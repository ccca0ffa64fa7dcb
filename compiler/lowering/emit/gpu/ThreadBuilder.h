// A builder for the code of one GPU thread: i32 arithmetic, loops, branches and
// shared memory in few words.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_THREADBUILDER_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_THREADBUILDER_H

#include "compiler/lowering/emit/ControlBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mpc {

/// Values without a stated type are i32 and not negative. Constant arithmetic
/// folds.
class ThreadBuilder : public ControlBuilder {
public:
  using ControlBuilder::ControlBuilder;

  Value number(int64_t value);
  Value add(Value x, Value y);
  Value add(Value x, int64_t y) { return add(x, number(y)); }
  Value sub(Value x, Value y);
  Value mul(Value x, int64_t y);
  /// x * scale + y.
  Value mulAdd(Value x, int64_t scale, Value y) {
    return add(mul(x, scale), y);
  }
  /// Quotient and remainder.
  Value div(Value x, int64_t y);
  Value rem(Value x, int64_t y);
  Value exclusiveOr(Value x, Value y);
  /// 1 - x, of 0 or 1.
  Value flip(Value x) { return exclusiveOr(x, number(1)); }
  /// An i64.
  Value wide(int64_t value);
  /// i1 of a comparison.
  Value less(Value x, Value y);
  Value less(Value x, int64_t y) { return less(x, number(y)); }
  Value equal(Value x, Value y);
  Value equal(Value x, int64_t y) { return equal(x, number(y)); }
  Value both(Value x, Value y);
  Value select(Value condition, Value x, Value y);
  /// As memory accesses want it.
  Value index(Value x);

  /// The thread's number in its block, the block's in the grid; both have one
  /// dimension.
  Value thread();
  Value block();
  /// Waits for all threads of the block, or for `threads` of them that name
  /// barrier `id`.
  void barrier();
  void barrier(Value id, int64_t threads);

  /// for (i = begin; i < end; i += step) carried = body(i, carried)
  Values loop(Value begin, Value end, int64_t step, mlir::ValueRange carried,
              llvm::function_ref<Values(Value, mlir::ValueRange)> body);
  void loop(Value begin, Value end, int64_t step,
            llvm::function_ref<void(Value)> body);

  /// `base` plus that many bytes.
  Value at(Value base, Value bytes);
  Value at(Value base, int64_t bytes) { return at(base, number(bytes)); }
  /// Element(s) in shared memory, aligned to their size.
  Value load(Value address, mlir::Type element, int64_t lanes = 1);
  void store(Value value, Value address);

  /// All zeros, for any scalar or vector.
  Value zero(mlir::Type type);
  Value extract(Value vector, int64_t lane);
};

} // namespace mpc

#endif
