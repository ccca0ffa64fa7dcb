// A CUDA driver for tests on machines without a GPU: libcuda.so.1 with the
// functions that mpcrt calls, on host memory. Work on a stream runs only when
// somebody waits for it, so that what relies on luck fails. Kernels are known
// by name (FakeKernels.cpp); others do nothing.
//
// Environment variables, read by cuInit, say what machine it is:
//   FAKE_CUDA_VERSION   of the driver, e.g. 11040; else 13000
//   FAKE_CUDA_DEVICES   how many GPUs; else 1
//   FAKE_CUDA_CC        their compute capability, e.g. 8.6; else 9.0
//   FAKE_CUDA_FREE      bytes of memory that are free; else 1 GiB
//   FAKE_CUDA_SHARED    bytes of shared memory of a block; else 232448
//   FAKE_CUDA_FAIL      FUNCTION=CODE: what that function returns
#ifndef MPC_TEST_UNIT_CUDA_FAKE_FAKECUDA_H
#define MPC_TEST_UNIT_CUDA_FAKE_FAKECUDA_H

#include <cstdint>
#include <map>
#include <string>

namespace fakecuda {

/// How often each function was called since reset(), by its symbol.
std::map<std::string, int> &calls();
/// Objects that were made and are not destroyed: contexts held, modules,
/// streams, events, graphs, allocations.
int64_t alive();
/// Bytes asked of cuMemAlloc since reset().
uint64_t allocatedBytes();
/// Forgets calls and bytes.
void reset();
/// Lets a function return `code` from now on; 0 ends it.
void fail(const std::string &function, int code);

/// Makes the context of a device current, as a caller of mpcrt may.
void enter(int device);
void leave();

} // namespace fakecuda

#endif // MPC_TEST_UNIT_CUDA_FAKE_FAKECUDA_H
