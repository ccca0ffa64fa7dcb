// Positions in a flattened tensor, computed from index tensors.
#ifndef MPC_FRONTEND_RULES_FLATINDICES_H
#define MPC_FRONTEND_RULES_FLATINDICES_H

#include "frontend/rules/Movement.h"

namespace mpc::frontend {

/// A sum of terms, each an index or a position times a stride: an i64 tensor of
/// `shape`.
class FlatIndices {
public:
  FlatIndices(NodeImport &node, llvm::ArrayRef<int64_t> shape)
      : node(node), shape(shape) {}

  /// Fails, with a problem, if `data` or a dimension of it is too large.
  llvm::LogicalResult check(llvm::ArrayRef<int64_t> data);
  /// Adds `stride` times the elements of `indices`, which has the shape, along
  /// a dimension of `extent`: below 0 they count from the end, and what lies
  /// outside is the nearest inside.
  void addIndices(mlir::Value indices, int64_t extent, int64_t stride);
  /// Adds `stride` times the position along dimension `d` of the shape.
  void addPositions(int64_t d, int64_t stride);

  mlir::Value get() const { return sum; }

private:
  NodeImport &node;
  Shape shape;
  mlir::Value sum;

  void add(mlir::Value term);
};

/// The strides of a tensor in row-major order.
llvm::SmallVector<int64_t> rowMajorStrides(llvm::ArrayRef<int64_t> shape);

} // namespace mpc::frontend

#endif
