// What a derivative rule is written with: one struct per op, one file per
// family, attached to the ops by one function per family.
#ifndef MPC_PASSES_AUTODIFF_RULES_RULES_H
#define MPC_PASSES_AUTODIFF_RULES_RULES_H

#include "compiler/dialect/Dialect.h"

namespace mpc::rules {

/// The gradients around one op while its rule runs.
class Gradients {
public:
  Gradients(mlir::Operation *op, mlir::OpBuilder &builder,
            mlir::ValueRange ofResults, llvm::ArrayRef<bool> needed,
            llvm::MutableArrayRef<mlir::Value> ofOperands)
      : op(op), builder(builder), ofResults(ofResults), needed(needed),
        ofOperands(ofOperands) {}

  /// Gradient of the loss by a result; null where nothing flows back.
  mlir::Value of(unsigned result = 0) const { return ofResults[result]; }
  /// Whether the gradient by an operand is wanted.
  bool needs(unsigned operand) const { return needed[operand]; }
  /// Sets the gradient by an operand if it is wanted. `gradient` may have the
  /// shape that the operand is broadcast to; it is summed to the operand's. It
  /// is cast to the operand's element type.
  void set(unsigned operand, mlir::Value gradient);

  /// Builds an op of the backward part.
  template <typename Op, typename... Args> mlir::Value make(Args &&...args) {
    return Op::create(builder, op->getLoc(), std::forward<Args>(args)...)
        ->getResult(0);
  }
  /// A scalar constant of the element type of `like`.
  mlir::Value scalar(double value, mlir::Value like);

  mlir::OpBuilder &getBuilder() { return builder; }

private:
  mlir::Operation *op;
  mlir::OpBuilder &builder;
  mlir::ValueRange ofResults;
  llvm::ArrayRef<bool> needed;
  llvm::MutableArrayRef<mlir::Value> ofOperands;
};

/// Base of a rule: `ConcreteRule::derive(Op, Gradients &)` returns whether the
/// derivative exists, after a diagnostic if not.
template <typename ConcreteRule, typename Op>
struct Rule
    : DifferentiableOpInterface::ExternalModel<Rule<ConcreteRule, Op>, Op> {
  mlir::LogicalResult
  buildGradients(mlir::Operation *op, mlir::OpBuilder &builder,
                 mlir::ValueRange resultGradients, llvm::ArrayRef<bool> needed,
                 llvm::MutableArrayRef<mlir::Value> operandGradients) const {
    Gradients gradients(op, builder, resultGradients, needed, operandGradients);
    return ConcreteRule::derive(llvm::cast<Op>(op), gradients);
  }
  static void attach(mlir::MLIRContext &context) {
    Op::template attachInterface<Rule>(context);
  }
};

void attachElementwise(mlir::MLIRContext &context);
void attachUnary(mlir::MLIRContext &context);
void attachBinary(mlir::MLIRContext &context);
void attachShape(mlir::MLIRContext &context);
void attachIndexing(mlir::MLIRContext &context);
void attachLinearAlgebra(mlir::MLIRContext &context);
void attachConvolution(mlir::MLIRContext &context);
void attachPooling(mlir::MLIRContext &context);
void attachReduction(mlir::MLIRContext &context);
void attachSoftmax(mlir::MLIRContext &context);
void attachNormalization(mlir::MLIRContext &context);
void attachFrozenNormalization(mlir::MLIRContext &context);
void attachLosses(mlir::MLIRContext &context);
void attachRandom(mlir::MLIRContext &context);

} // namespace mpc::rules

#endif
