// Runs GPU kernels on the CPU: every thread of a block is a fiber, and the
// instructions that have no meaning on a CPU are functions of this file. It is
// there to find wrong indices, missing barriers that hang and wrong fragment
// maps where there is no GPU; it finds no races, as fibers switch at
// synchronisation only.
#ifndef MPC_TEST_LOWERING_GPU_EMULATOR_H
#define MPC_TEST_LOWERING_GPU_EMULATOR_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ExecutionEngine/Orc/Mangling.h"
#include <cstdint>

namespace mpc::test {

/// Replaces NVVM ops, and the dynamic shared memory, by calls of the emulator's
/// functions.
void callEmulator(mlir::ModuleOp module);
/// These functions, for the JIT.
llvm::orc::SymbolMap emulatorSymbols(llvm::orc::MangleAndInterner interner);

/// What a tensor map parameter points to.
struct EmulatedMap {
  char *base;
  int64_t elementBytes, rank, swizzle;
  int64_t extents[5], pitches[5], box[5]; ///< pitches[0] is elementBytes
};

/// Runs `kernel` once per thread of `blocks` blocks, one cluster of them after
/// another. False if the threads of a cluster wait for each other for ever.
bool emulate(int64_t blocks, int64_t threads, llvm::function_ref<void()> kernel,
             int64_t cluster = 1);

/// The dynamic shared memory of the block that runs, at an address below 2^32.
char *emulatedShared();
inline constexpr int64_t emulatedSharedBytes = 232448;

} // namespace mpc::test

#endif
