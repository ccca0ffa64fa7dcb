// Shape rules shared by verifiers, builders and the frontend.
#ifndef MPC_COMPILER_DIALECT_SHAPES_H
#define MPC_COMPILER_DIALECT_SHAPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace mpc {

using Shape = llvm::SmallVector<int64_t>;

/// The shape of a ranked tensor value.
llvm::ArrayRef<int64_t> shapeOf(mlir::Value value);
/// The element type of a tensor value.
mlir::Type elementTypeOf(mlir::Value value);
/// A tensor type of the given shape with the element type of `value`.
mlir::RankedTensorType typeLike(mlir::Value value,
                                llvm::ArrayRef<int64_t> shape);
/// Number of elements.
int64_t elementCount(llvm::ArrayRef<int64_t> shape);

/// So many products of [m, k] and [k, n].
struct GemmExtents {
  int64_t batches, m, n, k;
};
/// Those of A' * B' = `result`, whose last two dimensions are the matrices': A'
/// is A, or under `transA` its transpose.
GemmExtents gemmExtents(mlir::Value a, bool transA, mlir::Value result);

/// The NumPy broadcast of two shapes, or nothing if they do not broadcast.
std::optional<Shape> broadcastShapes(llvm::ArrayRef<int64_t> a,
                                     llvm::ArrayRef<int64_t> b);
/// Whether `from` broadcasts to exactly `to`.
bool broadcastsTo(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> to);

/// [N, F, OH, OW] for a convolution of `input` [N, C, H, W] with `weight`
/// [F, C / groups, KH, KW]; `pads` are begins, then ends. Nothing if the kernel
/// does not fit or the channels differ.
std::optional<Shape>
convShape(llvm::ArrayRef<int64_t> input, llvm::ArrayRef<int64_t> weight,
          llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> pads,
          llvm::ArrayRef<int64_t> dilations, int64_t groups);

/// [N, C, OH, OW] for pooling `input` [N, C, H, W], rounded down, or up under
/// `ceil` where the last window then starts inside the input or the padding
/// before it (ONNX MaxPool, ceil_mode). Nothing if the kernel does not fit.
std::optional<Shape> poolShape(llvm::ArrayRef<int64_t> input,
                               llvm::ArrayRef<int64_t> kernel,
                               llvm::ArrayRef<int64_t> strides,
                               llvm::ArrayRef<int64_t> pads,
                               llvm::ArrayRef<int64_t> dilations, bool ceil);

/// `shape` without `axes`, or with 1 in their place.
Shape reducedShape(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> axes,
                   bool keepDims);

} // namespace mpc

#endif
