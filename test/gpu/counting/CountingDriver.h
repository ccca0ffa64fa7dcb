// The real driver with a count of its calls: libcuda.so.1, whose functions call
// those of the driver that the system has.
#ifndef MPC_TEST_GPU_COUNTING_COUNTINGDRIVER_H
#define MPC_TEST_GPU_COUNTING_COUNTINGDRIVER_H

#include <cstdint>
#include <map>
#include <string>

namespace counting {

/// Whether it is there: not in the tests that NVIDIA's checker runs, which
/// loads libcuda.so.1 by that name before them and needs more of it.
bool isActive();

/// How often each function was called since reset(), by its symbol; those that
/// were not are not there.
std::map<std::string, int> calls();
/// Bytes asked of cuMemAlloc since reset().
uint64_t allocatedBytes();
void reset();

} // namespace counting

#endif // MPC_TEST_GPU_COUNTING_COUNTINGDRIVER_H
