// Philox4x32-10: random words that are a function of a counter and a key.
#ifndef MPC_COMPILER_REFERENCE_PHILOX_H
#define MPC_COMPILER_REFERENCE_PHILOX_H

#include <array>
#include <cstdint>

namespace mpc::reference {

using PhiloxWords = std::array<uint32_t, 4>;

/// Four words (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2,
/// 3"). All numbers are least significant word first.
PhiloxWords philox4x32(PhiloxWords counter, std::array<uint32_t, 2> key);

} // namespace mpc::reference

#endif
