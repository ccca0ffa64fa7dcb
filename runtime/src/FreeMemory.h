// How much memory a process can still get.
#ifndef MPC_RUNTIME_SRC_FREEMEMORY_H
#define MPC_RUNTIME_SRC_FREEMEMORY_H

#include <cstdint>

namespace mpcrt {

/// Bytes that this process can still use: the least of what the system can
/// spare (swap included), what the process's control group leaves and what its
/// own limit on addresses leaves. What cannot be read does not limit.
uint64_t freeMemory();

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_FREEMEMORY_H
