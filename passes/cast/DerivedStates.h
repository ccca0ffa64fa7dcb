// Narrow copies of parameters and constants as derived state.
#ifndef MPC_PASSES_CAST_DERIVEDSTATES_H
#define MPC_PASSES_CAST_DERIVEDSTATES_H

#include "compiler/dialect/Dialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"

namespace mpc {

/// Collects the narrow copies that the functions of a module read, then adds
/// the ops that keep the copies up to date.
class DerivedStates {
public:
  explicit DerivedStates(mlir::ModuleOp module)
      : module(module), symbols(module) {}

  /// Whether a narrow read of `state` goes to a copy: a parameter or constant.
  static bool mayDerive(StateOp state);

  /// A read of the copy of `state` in `type`, behind `read`. Fails with a
  /// diagnostic if a state of the copy's name exists already.
  mlir::FailureOr<mlir::Value> read(ReadOp read, StateOp state,
                                    mlir::FloatType type);

  /// Adds the copies to the commits: in `train_step` those whose source is
  /// written there, in `derive` (created if absent) all.
  void write();

private:
  mlir::FailureOr<StateOp> copyOf(StateOp state, mlir::FloatType type);
  void writeInStep();
  void writeInDerive();

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  llvm::MapVector<std::pair<mlir::Operation *, mlir::Type>, StateOp> copies;
};

} // namespace mpc

#endif
