// Products of 32 bits by 32, which LLVM takes two instructions for.
#ifndef MPC_COMPILER_LOWERING_GPU_WIDEPRODUCTS_H
#define MPC_COMPILER_LOWERING_GPU_WIDEPRODUCTS_H

namespace llvm {
class Module;
} // namespace llvm

namespace mpc {

/// Makes each product of 64 bits of an i32 and a constant, unsigned, of which
/// both halves are used, one instruction instead of one for each half.
void widenProducts(llvm::Module &module);

} // namespace mpc

#endif
