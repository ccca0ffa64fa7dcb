// How the code of a kernel is made for a GPU where one thread per tile will not
// do: products, reductions and whatever else needs a block's threads together.
//
// A kernel becomes one function per phase: tensor maps, then static row-major
// memrefs of its inputs, results and workspaces. Phases are launches, one after
// another. Partitions are fixed at compile time, sums are joined in index order
// and nothing is added atomically, so that results do not depend on timing.
// What TileEmitter says of arithmetic holds here too.
#ifndef MPC_COMPILER_LOWERING_GPU_GPUEMITTER_H
#define MPC_COMPILER_LOWERING_GPU_GPUEMITTER_H

#include "compiler/analysis/Target.h"
#include "compiler/lowering/ElementAccess.h"
#include "runtime/artifact/Manifest.h"

namespace mpc {

/// How a phase is launched.
struct GpuPhase {
  std::array<int64_t, 3> grid = {1, 1, 1};  ///< blocks
  std::array<int64_t, 3> block = {1, 1, 1}; ///< threads
  int64_t sharedBytes = 0;                  ///< dynamic, of a block
  int64_t cluster = 1; ///< neighbouring blocks that run at the same time
  /// That a multiprocessor should have room for; limits a thread's registers.
  int64_t resident = 1;
  /// `arg` counts inputs, results and workspaces.
  std::vector<mpcrt::TensorMap> maps;
  /// If not 0, the function's only parameter is that many pointers by value.
  int64_t table = 0;
  /// Whether it may start before what it waits for has ended.
  bool waits = false;
};

/// Everything an emitter needs while it emits one phase of a kernel. The
/// builder stands at the end of the function's entry block, before its return.
struct GpuKernel {
  mlir::OpBuilder &b;
  mlir::Location loc;
  KernelOp kernel;
  mlir::Operation *root; ///< null in kernels of elementwise ops alone
  int64_t phase;
  Target target;
  llvm::SmallVector<mlir::Value> maps;       ///< !llvm.ptr, grid constants
  llvm::SmallVector<mlir::Value> workspaces; ///< memrefs as asked for
  /// !llvm.ptr<3>: the dynamic shared memory, aligned to 1024 bytes.
  mlir::Value shared;
  ElementAccess &elements;
};

/// The code of kernels with one kind of root on GPUs.
struct GpuEmitter {
  /// The root op's name, such as "mpc.gemm".
  llvm::StringRef root;
  /// Whether this emitter makes the kernel for that target.
  bool (*suits)(KernelOp kernel, Target target);
  llvm::SmallVector<GpuPhase> (*phases)(KernelOp kernel, Target target);
  /// Scratch buffers that live through all phases, or null for none.
  llvm::SmallVector<mlir::MemRefType> (*workspaces)(KernelOp kernel,
                                                    Target target);
  /// Emits phase `kernel.phase`. Fails with a diagnostic on the kernel.
  mlir::LogicalResult (*emit)(GpuKernel &kernel);
};

/// The first emitter that suits; null where tiles, a thread each, will do. The
/// table is in emit/gpu/GpuEmitters.cpp.
const GpuEmitter *findGpuEmitter(KernelOp kernel, Target target);

} // namespace mpc

#endif
