#ifndef MPC_TEST_UNIT_RUNTIME_ALLOCATIONS_H
#define MPC_TEST_UNIT_RUNTIME_ALLOCATIONS_H

namespace mpcrt::test {

/// How often operator new was called since the program began, by any thread.
long allocations();

} // namespace mpcrt::test

#endif // MPC_TEST_UNIT_RUNTIME_ALLOCATIONS_H
