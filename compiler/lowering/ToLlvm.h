// From loops over memrefs to optimised LLVM IR, for every target.
#ifndef MPC_COMPILER_LOWERING_TOLLVM_H
#define MPC_COMPILER_LOWERING_TOLLVM_H

#include "mlir/IR/BuiltinOps.h"

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace mpc {

/// Takes the functions of an image to the LLVM dialect: memrefs become bare
/// pointers, functions such as exp become arithmetic, the same on every target.
/// With `bf16AsIntegers` no arithmetic on bf16 is left.
mlir::LogicalResult convertToLlvm(mlir::ModuleOp image, bool bf16AsIntegers);

/// LLVM's -O3. No library function exists, so none may be recognised in loops.
void optimize(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace mpc

#endif
