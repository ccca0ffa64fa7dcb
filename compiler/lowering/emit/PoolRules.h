// What the pooling ops say of one window, whoever walks the windows.
#ifndef MPC_COMPILER_LOWERING_EMIT_POOLRULES_H
#define MPC_COMPILER_LOWERING_EMIT_POOLRULES_H

#include "compiler/lowering/Emitter.h"
#include "compiler/lowering/emit/PoolWindows.h"

namespace mpc {

/// The windows of a pooling op or of a gradient of one.
PoolWindows poolWindowsOf(mlir::Operation *root);

/// max_pool or average_pool of window [n, c, oh, ow].
mlir::Value pooled(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                   mlir::ValueRange window);

/// The larger of `best`, a number and where it is, and `x` at `at`; the first
/// NaN, if any, is the largest, and of equals the first.
LoopBuilder::Values largerOf(LoopBuilder &b, mlir::ValueRange best,
                             mlir::Value x, mlir::Value at);

/// The position (h * width + w) of the first largest element of a window; the
/// first NaN, if any, is the largest.
mlir::Value firstLargest(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                         mlir::ValueRange window);

/// The gradient of window [n, c, oh, ow] divided by what average_pool divides
/// its sum by.
mlir::Value averageShare(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                         mlir::ValueRange window);

/// The part of the window's gradient that its element (h, w) gets.
mlir::Value pooledShare(TileKernel &k, LoopBuilder &b, WindowLoops &loops,
                        mlir::ValueRange window, mlir::Value h, mlir::Value w);

} // namespace mpc

#endif
