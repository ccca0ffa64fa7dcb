// Runs programs of the mpc dialect as an oracle: slow, simple, in f64.
#ifndef MPC_COMPILER_REFERENCE_INTERPRETER_H
#define MPC_COMPILER_REFERENCE_INTERPRETER_H

#include "compiler/reference/Tensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

namespace mpc::reference {

enum class Mode {
  /// f64 throughout: nothing is rounded, whatever the types say. Casts change
  /// nothing.
  Exact,
  /// Each op's formula in f64, its results rounded to their types (see
  /// roundResult).
  Rounded
};

/// Tensors by name: states by symbol, status values by status name.
using TensorMap = llvm::StringMap<Tensor>;

/// What a function leaves behind; which fields it fills follows from its
/// terminator.
struct Outcome {
  /// Operands of `func.return`.
  llvm::SmallVector<Tensor> values;
  /// `mpc.commit`: false if the step was skipped.
  bool applied = true;
  /// `mpc.commit`: every state of the map that came in, with its next value.
  TensorMap states;
  /// `mpc.commit`: the reported values.
  TensorMap status;
  /// `mpc.gradients`: the loss and the gradient of each parameter.
  Tensor loss;
  TensorMap gradients;
};

/// Evaluates one op, which has ReferenceOpInterface or is an `mpc.kernel`, on
/// one tensor per operand. Fails with a diagnostic at the op.
llvm::FailureOr<llvm::SmallVector<Tensor>>
evaluate(mlir::Operation *op, llvm::ArrayRef<const Tensor *> inputs, Mode mode);

/// Runs a function of one block. `arguments` are its inputs in order; `states`
/// holds a value for each state that it reads. Arguments and states are used as
/// they come: in Rounded mode they must be numbers of their types. Works after
/// any phase up to plan. Fails with a diagnostic.
llvm::FailureOr<Outcome> run(mlir::func::FuncOp function,
                             const TensorMap &states,
                             llvm::ArrayRef<Tensor> arguments, Mode mode);

} // namespace mpc::reference

#endif
