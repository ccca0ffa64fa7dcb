// How an operand of a product with mma.sync gets from global memory to the ring
// of steps in shared memory. The threads of a block share the chunks of a step,
// 8 elements that are neighbours in shared memory. They take turns; thread t
// has chunks t, t + threads, t + 2 threads, ...
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_MMALOADERS_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_MMALOADERS_H

#include "compiler/lowering/emit/gpu/MmaTiles.h"
#include "compiler/lowering/emit/gpu/OperandSource.h"
#include "compiler/lowering/emit/gpu/TensorCores.h"

namespace mpc {

/// `offset` with the layout's permutation.
mlir::Value swizzled(ThreadBuilder &b, const MmaLayout &layout,
                     mlir::Value offset);

/// What this thread does of one operand's loads.
class MmaLoader {
public:
  using Value = mlir::Value;
  using Values = ThreadBuilder::Values;

  MmaLoader(ThreadBuilder &b, MmaLayout layout, int64_t threads);
  virtual ~MmaLoader() = default;

  /// Starts to bring the step at `depth` to shared memory at `to`. Returns what
  /// stays in registers until finish(). Unless `isStep` holds (null: it does),
  /// the depth is beyond the end and what comes is of no use.
  virtual Values start(Value depth, Value isStep, Value to) = 0;
  virtual void finish(mlir::ArrayRef<Value> held, Value to) = 0;

  const MmaLayout layout;

protected:
  /// Where turn `i` of this thread is in a step.
  struct Spot {
    Value at, depth;
  };
  Spot spot(int64_t turn) const;
  /// The same in shared memory, `to` being the operand's first byte.
  Value place(int64_t turn, Value to) const;
  int64_t turns() const { return layout.chunks() / threads; }

  ThreadBuilder &b;
  int64_t threads;

private:
  Value row, column; ///< of turn 0; column in elements
  Value offset(int64_t turn) const;
};

/// An operand whose chunks are in memory as they are; they never pass through
/// registers (cp.async). Beyond the operand there are zeros.
struct MmaCopy {
  mlir::Value memory;    ///< memref
  mlir::Value from;      ///< first row (column) of the tile
  int64_t extent, depth; ///< of the operand
};
using MmaLoaderPtr = std::unique_ptr<MmaLoader>;

/// A matrix in rows of whole chunks, in the layout's order; number `batch` of
/// those in memory, or the only one if that is null.
MmaLoaderPtr matrixLoader(ThreadBuilder &b, MmaLayout layout, int64_t threads,
                          const MmaCopy &copy, mlir::Value batch);
/// Chunks that begin anywhere in memory. `position` counts elements to the one
/// at a row (column) and depth of the operand.
using MmaPosition =
    std::function<mlir::Value(mlir::Value at, mlir::Value depth)>;
MmaLoaderPtr chunkLoader(ThreadBuilder &b, MmaLayout layout, int64_t threads,
                         const MmaCopy &copy, MmaPosition position);

/// An operand whose elements are computed; they are exact as `element`. The
/// source has the layout's order and reads chunks of MmaLayout::chunk.
MmaLoaderPtr computingLoader(ThreadBuilder &b, MmaLayout layout,
                             int64_t threads, mlir::Type element,
                             OperandSource source);

} // namespace mpc

#endif
