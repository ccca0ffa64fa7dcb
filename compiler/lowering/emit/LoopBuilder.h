// A builder that writes index arithmetic and counted loops in few words.
#ifndef MPC_COMPILER_LOWERING_EMIT_LOOPBUILDER_H
#define MPC_COMPILER_LOWERING_EMIT_LOOPBUILDER_H

#include "compiler/lowering/emit/ControlBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mpc {

/// Values without a stated type are of index type. Constant arithmetic folds.
class LoopBuilder : public ControlBuilder {
public:
  using ControlBuilder::ControlBuilder;

  Value index(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b) { return add(a, index(b)); }
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b) { return mul(a, index(b)); }
  /// a * scale + b.
  Value mulAdd(Value a, int64_t scale, Value b) {
    return add(mul(a, scale), b);
  }
  /// Quotient and remainder of non-negative numbers.
  Value div(Value a, int64_t b);
  Value rem(Value a, int64_t b);
  Value ceilDiv(Value a, int64_t b) { return div(add(a, b - 1), b); }
  Value min(Value a, Value b);
  Value min(Value a, int64_t b) { return min(a, index(b)); }
  Value max(Value a, int64_t b);
  /// An i1: the signed comparison of a and b.
  Value compare(mlir::arith::CmpIPredicate predicate, Value a, Value b);
  Value less(Value a, Value b) {
    return compare(mlir::arith::CmpIPredicate::slt, a, b);
  }
  Value equal(Value a, Value b) {
    return compare(mlir::arith::CmpIPredicate::eq, a, b);
  }
  Value select(Value condition, Value a, Value b);

  /// An f32 constant, as a scalar or in every lane.
  Value f32(double value, int64_t lanes = 1);
  /// f32, or a vector of `lanes` of them if more than one.
  mlir::Type f32Type(int64_t lanes);

  /// for (i = begin; i < end; i += step) body(i)
  void loop(Value begin, Value end, int64_t step,
            llvm::function_ref<void(Value)> body);
  void loop(Value end, llvm::function_ref<void(Value)> body) {
    loop(index(0), end, 1, body);
  }
  void loop(int64_t end, llvm::function_ref<void(Value)> body) {
    loop(index(0), index(end), 1, body);
  }
  /// The same with values carried from turn to turn; returns the last ones.
  Values loop(Value begin, Value end, int64_t step, mlir::ValueRange carried,
              llvm::function_ref<Values(Value, mlir::ValueRange)> body);
  /// body(i) over [0, count) in steps of `lanes` with that many lanes, then the
  /// rest one by one: body(first, lanes).
  void lanes(Value count, int64_t lanes,
             llvm::function_ref<void(Value, int64_t)> body);

  /// f32 scratch on the stack, aligned to 64 bytes. Must be called where it
  /// runs once per kernel call.
  Value scratch(int64_t elements);
  /// Element(s) of scratch at a flat position.
  Value load(Value scratch, Value position, int64_t lanes = 1);
  void store(Value value, Value scratch, Value position);
};

} // namespace mpc

#endif
