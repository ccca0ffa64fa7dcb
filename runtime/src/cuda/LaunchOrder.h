// Which launches must wait for which, from the memory that they touch.
#ifndef MPC_RUNTIME_SRC_CUDA_LAUNCHORDER_H
#define MPC_RUNTIME_SRC_CUDA_LAUNCHORDER_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mpcrt::cuda {

/// Bytes that a launch reads, or writes and may read.
struct Access {
  uint64_t begin = 0, end = 0;
  bool writes = false;
};

/// For each launch the earlier ones, in order, that must end before it starts,
/// so that memory ends up as if they had run one after another: it reads what
/// they write, or writes what they read or write. None is named that another
/// one of them waits for already.
std::vector<std::vector<size_t>>
waitsOf(const std::vector<std::vector<Access>> &launches);

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_LAUNCHORDER_H
