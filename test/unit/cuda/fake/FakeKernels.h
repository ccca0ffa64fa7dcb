// The kernels that the fake driver knows.
#ifndef MPC_TEST_UNIT_CUDA_FAKE_FAKEKERNELS_H
#define MPC_TEST_UNIT_CUDA_FAKE_FAKEKERNELS_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace fakecuda {

/// What a tensor map holds in this driver.
struct EncodedMap {
  void *address;
  uint64_t extents[5];
};

struct Kernel {
  const char *name;
  size_t maps, args;
  /// `grid` blocks of the first dimension.
  void (*run)(const EncodedMap *maps, void *const *args, int64_t grid);
};

/// The kernel of that name, or one that does nothing.
const Kernel &kernelNamed(const std::string &name);

} // namespace fakecuda

#endif // MPC_TEST_UNIT_CUDA_FAKE_FAKEKERNELS_H
