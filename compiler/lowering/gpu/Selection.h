// Selections of 16 bits, which LLVM's optimiser leaves in a form that takes a
// GPU more instructions than it need.
#ifndef MPC_COMPILER_LOWERING_GPU_SELECTION_H
#define MPC_COMPILER_LOWERING_GPU_SELECTION_H

namespace llvm {
class Module;
} // namespace llvm

namespace mpc {

/// Makes each selection between a float that is rounded to 16 bits and a
/// constant, or another such float, one of f32 before it is rounded: floats are
/// rounded two at a time, and a selection of one half of a register takes two
/// instructions to take it apart. The value is the same.
void selectBeforeRounding(llvm::Module &module);

} // namespace mpc

#endif
