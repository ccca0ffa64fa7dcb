// What the rules of operators that move elements are written with.
#ifndef MPC_FRONTEND_RULES_MOVEMENT_H
#define MPC_FRONTEND_RULES_MOVEMENT_H

#include "frontend/NodeImport.h"

#include <limits>

namespace mpc::frontend {

/// Fails, with a problem, unless `shape` is one: extents of at least 0 and a
/// product that can be counted.
llvm::LogicalResult checkShape(NodeImport &node, llvm::ArrayRef<int64_t> shape);

/// Fails, with a problem, if a tensor of `shape` is too large to be made
/// element by element at compile time.
llvm::LogicalResult checkTable(NodeImport &node, llvm::ArrayRef<int64_t> shape);

/// A part of a tensor: element i of it is element starts + i * steps.
struct Part {
  llvm::SmallVector<int64_t> starts, steps, shape;

  /// All of a tensor.
  explicit Part(llvm::ArrayRef<int64_t> shape)
      : starts(shape.size(), 0), steps(shape.size(), 1), shape(shape) {}
};

/// The part of `input`, which is `input` itself if the part is all of it.
mlir::Value takePart(NodeImport &node, mlir::Value input, const Part &part);
/// The elements [start, end) of one dimension.
mlir::Value takeRange(NodeImport &node, mlir::Value input, int64_t axis,
                      int64_t start, int64_t end);

/// `input` under another shape with the same number of elements.
mlir::Value reshaped(NodeImport &node, mlir::Value input,
                     llvm::ArrayRef<int64_t> shape);
/// `input` repeated along dimensions of size 1 and new leading ones.
mlir::Value broadcastTo(NodeImport &node, mlir::Value input,
                        llvm::ArrayRef<int64_t> shape);

/// An i64 constant.
mlir::Value indexConstant(NodeImport &node, llvm::ArrayRef<int64_t> values,
                          llvm::ArrayRef<int64_t> shape);
/// A constant with one value everywhere; whole numbers for integers.
mlir::Value filled(NodeImport &node, mlir::Type element,
                   llvm::ArrayRef<int64_t> shape, double value);

/// The elements along `axis` whose numbers are `indices`, all of which lie
/// inside.
mlir::Value takeAlong(NodeImport &node, mlir::Value input, int64_t axis,
                      llvm::ArrayRef<int64_t> indices);

/// An extent that all positions lie in.
inline constexpr int64_t anyExtent = std::numeric_limits<int64_t>::max();

/// An operand that says positions: i32 or i64, and if its elements are known,
/// all between -extent and extent - 1. Null, with a problem, otherwise.
mlir::Value indexOperand(NodeImport &node, unsigned index, int64_t extent);

/// The element type of ONNX's TensorProto.DataType; null, with a problem, for
/// those no program holds.
mlir::Type elementOfDataType(NodeImport &node, int64_t dataType);

} // namespace mpc::frontend

#endif
