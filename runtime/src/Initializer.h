// First values of states, from their recipes.
#ifndef MPC_RUNTIME_SRC_INITIALIZER_H
#define MPC_RUNTIME_SRC_INITIALIZER_H

#include "runtime/artifact/Container.h"
#include "runtime/artifact/Manifest.h"

#include <array>
#include <cstdint>

namespace mpcrt {

/// Four random words of Philox4x32-10 (Salmon et al., "Parallel random numbers:
/// as easy as 1, 2, 3", SC 2011): the `block`-th of the stream that belongs to
/// `seed` and `stream`. Key = (low half of the seed, low half of the stream),
/// counter = (low and high half of the block, high half of the seed, high half
/// of the stream).
std::array<uint32_t, 4> philoxBlock(uint64_t seed, uint64_t stream,
                                    uint64_t block);

/// Writes the first value of `state` to `data` (state.bytes() bytes). The
/// hash of its name selects its random stream, so that a parameter starts alike
/// whatever other state a program has; `container` holds the bytes of the
/// recipe `data`. States to be derived are left as they are. Element i takes
/// word i % 4 of block i / 4. Uniform values are bound * (2 u - 1) with u =
/// (word + 0.5) / 2^32; normal values are pairs of Box and Muller's transform
/// of words 0, 1 and of words 2, 3. Both are computed in f64 and rounded once.
Status initialize(const StateSpec &state, uint64_t seed,
                  const Container &container, void *data);

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_INITIALIZER_H
