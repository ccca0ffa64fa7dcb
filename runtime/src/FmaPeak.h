// The most that a core of x86-64-v3 can compute on f32: 256-bit fused
// multiply-adds that do not wait for each other.
#ifndef MPC_RUNTIME_SRC_FMAPEAK_H
#define MPC_RUNTIME_SRC_FMAPEAK_H

#include <cstdint>

namespace mpcrt {

/// An FMA is two operations on each of 8 lanes.
inline constexpr int64_t operationsPerTurn = 12 * 16;

/// 12 independent chains: latency 4, two a cycle, needs at least 8 of them.
/// The CPU must have AVX2 and FMA.
inline void multiplyAndAdd(int64_t turns) {
  asm volatile("1:\n"
#define FMA(r) "vfmadd231ps %%ymm14, %%ymm15, %%ymm" #r "\n"
               FMA(0) FMA(1) FMA(2) FMA(3) FMA(4) FMA(5) FMA(6) FMA(7) FMA(8)
                   FMA(9) FMA(10) FMA(11)
#undef FMA
                       "dec %0\njnz 1b\nvzeroupper\n"
               : "+r"(turns)
               :
               : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                 "xmm8", "xmm9", "xmm10", "xmm11", "xmm14", "xmm15", "cc");
}

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_FMAPEAK_H
