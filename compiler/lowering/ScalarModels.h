// What the family files of scalar arithmetic share: how a plain function
// becomes an op's ScalarOpInterface, and short names for arith ops.
#ifndef MPC_COMPILER_LOWERING_SCALARMODELS_H
#define MPC_COMPILER_LOWERING_SCALARMODELS_H

#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"

namespace mpc::scalar {

using Elements = llvm::SmallVector<mlir::Value>;
using Operands = llvm::ArrayRef<mlir::Value>;
using B = mlir::ImplicitLocOpBuilder;

template <typename OpTy, Elements (*emit)(OpTy, B &, Operands), bool exact,
          bool isLong>
struct Model
    : ScalarOpInterface::ExternalModel<Model<OpTy, emit, exact, isLong>, OpTy> {
  Elements emitScalar(mlir::Operation *op, mlir::OpBuilder &builder,
                      mlir::Location loc, Operands operands) const {
    B b(loc, builder);
    b.setListener(builder.getListener());
    b.restoreInsertionPoint(builder.saveInsertionPoint());
    Elements results = emit(llvm::cast<OpTy>(op), b, operands);
    builder.restoreInsertionPoint(b.saveInsertionPoint());
    return results;
  }
  bool isExact(mlir::Operation *) const { return exact; }
  bool takesLong(mlir::Operation *) const { return isLong; }
};

/// Attaches `emit` as the arithmetic of `OpTy`; `exact` as in isExact(),
/// `isLong` as in takesLong().
template <typename OpTy, Elements (*emit)(OpTy, B &, Operands),
          bool exact = false, bool isLong = false>
void attach(mlir::MLIRContext *context) {
  OpTy::template attachInterface<Model<OpTy, emit, exact, isLong>>(*context);
}

inline mlir::Value constantLike(B &b, mlir::Value like, double value) {
  return f32Constant(b, b.getLoc(), value, lanesOf(like));
}
/// An integer constant of the element type and lanes of `like`.
inline mlir::Value integerLike(B &b, mlir::Value like, int64_t value) {
  return intConstant(b, b.getLoc(), mlir::getElementTypeOrSelf(like.getType()),
                     value, lanesOf(like));
}
inline mlir::Value add(B &b, mlir::Value x, mlir::Value y) {
  return mlir::arith::AddFOp::create(b, x, y);
}
inline mlir::Value sub(B &b, mlir::Value x, mlir::Value y) {
  return mlir::arith::SubFOp::create(b, x, y);
}
inline mlir::Value mul(B &b, mlir::Value x, mlir::Value y) {
  return mlir::arith::MulFOp::create(b, x, y);
}
inline mlir::Value div(B &b, mlir::Value x, mlir::Value y) {
  return mlir::arith::DivFOp::create(b, x, y);
}
inline mlir::Value select(B &b, mlir::Value condition, mlir::Value x,
                          mlir::Value y) {
  return mlir::arith::SelectOp::create(b, condition, x, y);
}
inline mlir::Value compare(B &b, mlir::arith::CmpFPredicate predicate,
                           mlir::Value x, mlir::Value y) {
  return mlir::arith::CmpFOp::create(b, predicate, x, y);
}

// One function per family file.
void attachUnary(mlir::MLIRContext *context);
void attachUnaryGrad(mlir::MLIRContext *context);
void attachIntegers(mlir::MLIRContext *context);
void attachPowers(mlir::MLIRContext *context);
void attachRelations(mlir::MLIRContext *context);

} // namespace mpc::scalar

#endif
