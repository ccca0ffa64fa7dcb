// Ops of constants, computed at compile time.
#ifndef MPC_PASSES_SIMPLIFY_CONSTANTFOLDING_H
#define MPC_PASSES_SIMPLIFY_CONSTANTFOLDING_H

#include "compiler/dialect/Dialect.h"

namespace mpc {

/// Results of more elements are computed only if all are the same number.
inline constexpr int64_t maxFoldedElements = 4096;

/// The value of an op whose operands are all `mpc.constant`, if it is the same
/// to the bit wherever it is computed. Null for other ops: functions such as
/// exp are left to the code that a program has for them.
mlir::DenseElementsAttr foldToConstant(mlir::Operation *op);

/// The same for an op with `operands` that computes element by element
/// (FoldElementwise.cpp) or moves elements (FoldMoves.cpp).
mlir::DenseElementsAttr
foldElementwise(mlir::Operation *op,
                llvm::ArrayRef<mlir::DenseElementsAttr> operands);
mlir::DenseElementsAttr
foldMove(mlir::Operation *op, llvm::ArrayRef<mlir::DenseElementsAttr> operands);

/// Strides of a row-major tensor.
Shape rowMajorStrides(llvm::ArrayRef<int64_t> shape);
/// Strides with which `from` is read under the shape it broadcasts to.
Shape broadcastStrides(llvm::ArrayRef<int64_t> from,
                       llvm::ArrayRef<int64_t> to);
/// For each element of `shape` in row-major order, the offset that a walk from
/// `start` with `strides` reaches.
Shape walk(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> strides,
           int64_t start = 0);

} // namespace mpc

#endif
