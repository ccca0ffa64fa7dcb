// Minima and maxima that propagate NaN: one instruction on a GPU, where a CPU
// takes comparisons.
#ifndef MPC_COMPILER_LOWERING_GPU_MINMAX_H
#define MPC_COMPILER_LOWERING_GPU_MINMAX_H

#include "mlir/IR/BuiltinOps.h"

namespace llvm {
class Module;
} // namespace llvm

namespace mpc {

/// Makes arith.maximumf and arith.minimumf intrinsics, before others take them
/// apart.
void keepMinMax(mlir::ModuleOp image);

/// Makes each `x < c ? c : x` of f32 with a constant c that is not 0 the
/// maximum of both, and `x > c ? c : x` the minimum. NaN stays NaN either way;
/// of zeros the sign could differ.
void clampByMinMax(llvm::Module &module);

} // namespace mpc

#endif
