// A builder that writes loops and branches in few words.
#ifndef MPC_COMPILER_LOWERING_EMIT_CONTROLBUILDER_H
#define MPC_COMPILER_LOWERING_EMIT_CONTROLBUILDER_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mpc {

class ControlBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  /// if (condition) then() else otherwise()
  void branch(Value condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise = nullptr);
  /// The same with values as results.
  Values branch(Value condition, mlir::TypeRange types,
                llvm::function_ref<Values()> then,
                llvm::function_ref<Values()> otherwise);
  /// while (condition(carried)) carried = body(carried); returns the last ones.
  Values loopWhile(mlir::ValueRange carried,
                   llvm::function_ref<Value(mlir::ValueRange)> condition,
                   llvm::function_ref<Values(mlir::ValueRange)> body);

protected:
  /// for (i = begin; i < end; i += step) carried = body(i, carried), of values
  /// of one type; returns the last ones.
  Values countedLoop(Value begin, Value end, Value step,
                     mlir::ValueRange carried,
                     llvm::function_ref<Values(Value, mlir::ValueRange)> body);
};

} // namespace mpc

#endif
