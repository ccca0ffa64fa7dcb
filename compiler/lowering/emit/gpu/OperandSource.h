// Elements of the operands of products, as the loaders ask for them.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_OPERANDSOURCE_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_OPERANDSOURCE_H

#include "compiler/lowering/emit/GemmProblem.h"
#include "compiler/lowering/emit/gpu/ThreadBuilder.h"
#include "compiler/lowering/gpu/GpuEmitter.h"
#include <functional>

namespace mpc {

/// One operand, seen from one block. `read` returns a chunk: the elements from
/// row (column) `at` of the block's tile and depth `depth` on, neighbours in
/// depth if `depthFirst`, else in the tile; scalars or vectors of f32, `lanes`
/// each. Beyond the operand there are zeros. No branch should be in the way of
/// loads: they are to be on their way while products are computed.
struct OperandSource {
  bool depthFirst;
  int64_t lanes;
  std::function<ThreadBuilder::Values(mlir::Value at, mlir::Value depth)> read;
};

/// The most elements, up to a chunk, that rows of so many are whole numbers of.
int64_t chunkLanes(int64_t row, int64_t chunk);

/// A source whose chunks are read piece by piece, `lanes` elements each.
OperandSource
inPieces(ThreadBuilder &b, bool depthFirst, int64_t lanes, int64_t chunk,
         std::function<mlir::Value(mlir::Value at, mlir::Value depth)> piece);

/// Whether (at, depth) is in an operand of that many rows (columns); `at`
/// counts from a multiple of `width`. In the depth both operands need it, for
/// none may be garbage; elsewhere elements only meet sums that are not stored.
mlir::Value isInOperand(ThreadBuilder &b, mlir::Value at, int64_t extent,
                        int64_t width, mlir::Value depth, int64_t depthExtent);

/// An operand of mpc.gemm or mpc.batch_matmul.
struct GemmOperand {
  mlir::Value value;
  bool depthFirst; ///< in memory depth is the last dimension
  int64_t extent;  ///< of the result's dimension: m or n
  int64_t width;   ///< of that in the tile
};

/// The left and the right one.
GemmOperand leftOf(const GemmProblem &problem, int64_t width);
GemmOperand rightOf(const GemmProblem &problem, int64_t width);

/// The operand from row (column) `from` of its matrix number `batch` on.
OperandSource sourceOf(GpuKernel &kernel, ThreadBuilder &b,
                       const GemmProblem &problem, const GemmOperand &operand,
                       mlir::Value batch, mlir::Value from, int64_t chunk);

} // namespace mpc

#endif
