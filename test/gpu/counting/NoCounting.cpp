// In the counting driver's place, in tests that use the real one.
#include "test/gpu/counting/CountingDriver.h"

namespace counting {

bool isActive() { return false; }
std::map<std::string, int> calls() { return {}; }
uint64_t allocatedBytes() { return 0; }
void reset() {}

} // namespace counting
