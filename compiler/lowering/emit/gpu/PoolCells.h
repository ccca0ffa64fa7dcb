// Pooling for GPUs where windows tile the input, as 2 x 2 by strides of 2 do: a
// thread has as many neighbouring windows as fill a vector of the input's row,
// and reads and writes nothing twice.
#ifndef MPC_COMPILER_LOWERING_EMIT_GPU_POOLCELLS_H
#define MPC_COMPILER_LOWERING_EMIT_GPU_POOLCELLS_H

#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/PoolWindows.h"
#include <optional>

namespace mpc {

/// The windows of a thread.
struct PoolCells {
  PoolWindows windows;
  int64_t lanes; ///< of the input's row

  /// Nothing if windows overlap, leave the input or do not fill vectors.
  static std::optional<PoolCells> of(const PoolWindows &windows);

  int64_t count() const { return lanes / windows.strides[1]; }
  /// [N, C, rows of windows, threads of a row].
  Shape grid() const;
};

/// Emits the tiles of a pooling op, or of a gradient of one.
void emitPoolCells(TileKernel &k, const PoolCells &cells);
void emitPoolGradCells(TileKernel &k, const PoolCells &cells);

} // namespace mpc

#endif
