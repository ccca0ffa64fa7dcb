// The mpc dialect: ops, attributes and the interfaces that passes ask.
#ifndef MPC_COMPILER_DIALECT_DIALECT_H
#define MPC_COMPILER_DIALECT_DIALECT_H

#include "compiler/dialect/Shapes.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mpc {

/// What an operand or result is to its op.
enum class SlotKind {
  Data,      ///< may be narrow if the policy says so
  Statistic, ///< always f32
  Index      ///< integers and booleans; precision does not apply
};

/// Data for floats, Index for everything else.
SlotKind defaultSlotKind(mlir::Type type);

namespace trait {
/// Result element i depends only on element i of each operand after NumPy
/// broadcasting.
template <typename ConcreteType>
class Elementwise : public mlir::OpTrait::TraitBase<ConcreteType, Elementwise> {
};

/// Moves elements and computes nothing: operand and result have the same
/// element type.
template <typename ConcreteType>
class MovesElements
    : public mlir::OpTrait::TraitBase<ConcreteType, MovesElements> {};

/// Reads every element of every operand once, whatever its shape.
template <typename ConcreteType>
class ReadsOnce : public mlir::OpTrait::TraitBase<ConcreteType, ReadsOnce> {};

/// Makes 0 of a tensor's zeros, whatever its other operands are in a step.
template <typename ConcreteType>
class KeepsZero : public mlir::OpTrait::TraitBase<ConcreteType, KeepsZero> {};

/// Every float operand and result is f32.
template <typename ConcreteType>
class F32Only : public mlir::OpTrait::TraitBase<ConcreteType, F32Only> {};

/// Every float operand and result of rank 0 is f32.
template <typename ConcreteType>
class F32Scalars : public mlir::OpTrait::TraitBase<ConcreteType, F32Scalars> {};
} // namespace trait

/// What a slot of type `type` is to `Op` by its traits, for ops that do not
/// answer by themselves.
template <typename Op> SlotKind slotKindIn(mlir::Type type) {
  SlotKind kind = defaultSlotKind(type);
  if (kind != SlotKind::Data)
    return kind;
  bool f32 = Op::template hasTrait<trait::F32Only>() ||
             (Op::template hasTrait<trait::F32Scalars>() &&
              llvm::cast<mlir::ShapedType>(type).getRank() == 0);
  return f32 ? SlotKind::Statistic : kind;
}
} // namespace mpc

#include "compiler/dialect/Dialect.h.inc"
#include "compiler/dialect/Enums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/Attributes.h.inc"

#include "compiler/dialect/Interfaces.h.inc"

#define GET_OP_CLASSES
#include "compiler/dialect/Ops.h.inc"

namespace mpc {
/// Names of the three functions of a program.
inline constexpr llvm::StringLiteral trainStepName = "train_step";
inline constexpr llvm::StringLiteral forwardName = "forward";
inline constexpr llvm::StringLiteral deriveName = "derive";

/// Whether the derivative of `function` is computed from its result (exp,
/// tanh) rather than its operand.
bool derivativeReadsResult(UnaryFunction function);
/// Whether the derivative is 0 wherever it exists (sign, floor).
bool hasZeroDerivative(UnaryFunction function);

/// A location that carries a node's name, so that diagnostics name it.
mlir::Location nodeLocation(mlir::MLIRContext *context, llvm::StringRef node);

/// Declares the mutable or hyper state `name` behind the states of `module`,
/// filled with `value`. A model tensor that already has the name gets `model.`
/// in front of its own.
StateOp addFilledState(mlir::ModuleOp module, llvm::StringRef name,
                       mlir::RankedTensorType type, StateRole role,
                       double value);

/// While it lives, every op inserted through `builder` that has no node takes
/// node, op type and location from `origin` and the given direction.
class OriginScope : public mlir::OpBuilder::Listener {
public:
  OriginScope(mlir::OpBuilder &builder, NodeOpInterface origin,
              Direction direction);
  /// The same for ops that no node of the model stands behind.
  OriginScope(mlir::OpBuilder &builder, mlir::ArrayAttr node,
              mlir::StringAttr opType, Direction direction);
  ~OriginScope() override;
  void notifyOperationInserted(mlir::Operation *op,
                               mlir::OpBuilder::InsertPoint previous) override;

private:
  mlir::OpBuilder &builder;
  mlir::OpBuilder::Listener *outer;
  mlir::ArrayAttr node;
  mlir::StringAttr opType;
  DirectionAttr direction;
};
} // namespace mpc

#endif
