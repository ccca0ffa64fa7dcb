// What a kernel has to do, however it is done: the numbers that its time is
// compared with.
#ifndef MPC_COMPILER_ANALYSIS_KERNELWORK_H
#define MPC_COMPILER_ANALYSIS_KERNELWORK_H

#include "compiler/dialect/Dialect.h"

namespace mpc {

/// The operations of one op: two per multiply-add of a product or convolution,
/// none where elements only move, one per element of the result if it works
/// element by element, else one per element that it reads or writes, whichever
/// are more.
int64_t operationsOf(mlir::Operation *op);

struct KernelWork {
  /// Of the root and of what it depends on; of the other ops.
  int64_t before = 0, after = 0;
  /// "f16" or "bf16" if the root is a product that reads that format on both
  /// sides, else "f32": all other arithmetic is in f32.
  llvm::StringRef type = "f32";
  /// Bytes that are read of each operand at least once: all, or the elements
  /// that are moved out of it.
  llvm::SmallVector<int64_t> operandBytes;
  llvm::SmallVector<int64_t> resultBytes;
};

KernelWork workOf(KernelOp kernel);

} // namespace mpc

#endif
