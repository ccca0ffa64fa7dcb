// Stores of what nobody reads while it is in a cache.
#ifndef MPC_COMPILER_LOWERING_GPU_STREAMINGSTORES_H
#define MPC_COMPILER_LOWERING_GPU_STREAMINGSTORES_H

namespace llvm {
class Module;
} // namespace llvm

namespace mpc {

/// Makes nontemporal stores of 16 bytes `st.global.cs`, whose lines the
/// second-level cache gives up first (PTX ISA, "Cache Operators"): LLVM drops
/// the hint on NVIDIA GPUs. Stores of other sizes stay what they are. After
/// optimisation, which looks into no assembly.
void streamStores(llvm::Module &module);

} // namespace mpc

#endif
