// How elements lie in memory.
#ifndef MPC_COMPILER_LOWERING_ELEMENTMEMORY_H
#define MPC_COMPILER_LOWERING_ELEMENTMEMORY_H

#include "compiler/dialect/Dialect.h"
#include "llvm/Support/Alignment.h"

namespace mpc {

/// The type of a value in memory: row-major, i1 as i8 that is 0 or 1.
mlir::MemRefType memoryType(mlir::RankedTensorType type);

/// `lanes` neighbouring elements of type `element`, as arithmetic sees them:
/// floats as f32, widened exactly.
mlir::Value loadElement(mlir::OpBuilder &b, mlir::Location loc,
                        mlir::Value memory, mlir::Type element,
                        mlir::ValueRange indices, int64_t lanes,
                        llvm::MaybeAlign alignment = {});

/// The same where the last index is a multiple of 4 behind `begin`, as `lanes`
/// are, and as many elements follow: from aligned vectors of 4, of which the
/// first begins up to 3 elements before.
mlir::Value loadShifted(mlir::OpBuilder &b, mlir::Location loc,
                        mlir::Value memory, mlir::Type element,
                        mlir::ValueRange indices, int64_t lanes,
                        mlir::Value begin);

/// What memory holds for `value`, which is already rounded to `element`.
mlir::Value toMemory(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value,
                     mlir::Type element);

/// The same row-major memory under another shape.
mlir::Value reshapeMemory(mlir::OpBuilder &b, mlir::Location loc,
                          mlir::Value buffer, llvm::ArrayRef<int64_t> shape);

} // namespace mpc

#endif
