// What the functions of the fake driver share.
#ifndef MPC_TEST_UNIT_CUDA_FAKE_FAKEMACHINE_H
#define MPC_TEST_UNIT_CUDA_FAKE_FAKEMACHINE_H

#include "runtime/src/cuda/Driver.h"
#include "test/unit/cuda/fake/Streams.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace fakecuda {

using namespace mpcrt::cuda;

/// What the environment says, and what there is.
struct Machine {
  bool started = false;
  int version = 13000, devices = 1, major = 9, minor = 0, shared = 232448;
  size_t free = size_t(1) << 30;
  std::map<std::string, int> calls, failures;
  std::map<uintptr_t, size_t> deviceMemory, pinnedMemory;
  std::set<const void *> objects;
  std::vector<CUcontext> current;
  uint64_t allocated = 0;
  int64_t contexts = 0;
};

Machine &machine();

/// Counts a call; what it shall return.
CUresult called(const char *function, bool needsContext = true);

/// Whether an allocation has that address.
bool contains(const std::map<uintptr_t, size_t> &memory, uintptr_t address);

/// What a copy does later. It reads now what may change as soon as the call
/// returns: memory that the driver did not pin.
Work copyWork(void *to, const void *from, size_t bytes);

#define CALLED(...)                                                            \
  if (CUresult code = called(__func__ __VA_OPT__(, ) __VA_ARGS__))             \
  return code

template <typename T, typename Handle> CUresult made(T *object, Handle *out) {
  machine().objects.insert(object);
  *out = reinterpret_cast<Handle>(object);
  return SUCCESS;
}

template <typename T> CUresult destroyed(void *handle) {
  if (machine().objects.erase(handle) == 0)
    return ERROR_INVALID_VALUE;
  delete static_cast<T *>(handle);
  return SUCCESS;
}

inline Stream *streamOf(CUstream stream) {
  return reinterpret_cast<Stream *>(stream);
}
inline void *hostOf(CUdeviceptr address) {
  return reinterpret_cast<void *>(address);
}

} // namespace fakecuda

#endif // MPC_TEST_UNIT_CUDA_FAKE_FAKEMACHINE_H
