#include "test/gpu/counting/CountingDriver.h"
#include "runtime/src/cuda/Driver.h"

#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <string_view>
#include <tuple>
#include <type_traits>

using namespace mpcrt::cuda;

namespace {
constexpr CUresult noDriver = ERROR_NO_DEVICE;

// In the order of the list.
constexpr std::string_view names[] = {
#define MPC_NAME(member, symbol, ...) #symbol,
    MPCRT_CUDA_FUNCTIONS(MPC_NAME) MPCRT_OPTIONAL_CUDA_FUNCTIONS(MPC_NAME)
#undef MPC_NAME
};
constexpr size_t functionCount = std::size(names);

std::atomic<int> counts[functionCount];
std::atomic<uint64_t> bytes;

constexpr size_t indexOf(std::string_view name) {
  size_t index = 0;
  while (names[index] != name)
    ++index;
  return index;
}

// By its path: its name is ours.
void *realDriver() {
  static void *const driver = [] {
    for (const char *folder :
         {"/usr/lib/x86_64-linux-gnu/", "/usr/lib64/", "/usr/lib/",
          "/usr/local/cuda/compat/", "/usr/local/nvidia/lib64/",
          "/run/opengl-driver/lib/"})
      if (void *found = dlopen((std::string(folder) + "libcuda.so.1").c_str(),
                               RTLD_NOW | RTLD_LOCAL))
        return found;
    const char *path = std::getenv("MPC_GPU_DRIVER");
    // An empty path would be this program itself.
    return path && *path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  }();
  return driver;
}

template <size_t Index, typename Function> struct Counted;
template <size_t Index, typename... Parameters>
struct Counted<Index, CUresult(Parameters...)> {
  static CUresult call(Parameters... parameters) {
    static const auto real =
        realDriver() ? reinterpret_cast<CUresult (*)(Parameters...)>(
                           dlsym(realDriver(), names[Index].data()))
                     : nullptr;
    ++counts[Index];
    if constexpr (Index == indexOf("cuMemAlloc_v2"))
      bytes += std::get<1>(std::tuple(parameters...));
    return real ? real(parameters...) : noDriver;
  }
};
} // namespace

// Each function is found by the linker through its resolver, which spares its
// parameters' names.
#define MPC_COUNT(member, symbol, ...)                                         \
  extern "C" std::add_pointer_t<CUresult(__VA_ARGS__)> resolve_##symbol() {    \
    return &Counted<indexOf(#symbol), CUresult(__VA_ARGS__)>::call;            \
  }                                                                            \
  extern "C" CUresult symbol(__VA_ARGS__)                                      \
      __attribute__((ifunc("resolve_" #symbol)));
MPCRT_CUDA_FUNCTIONS(MPC_COUNT)
MPCRT_OPTIONAL_CUDA_FUNCTIONS(MPC_COUNT)

namespace counting {

bool isActive() { return true; }

std::map<std::string, int> calls() {
  std::map<std::string, int> made;
  for (size_t i = 0; i < functionCount; ++i)
    if (counts[i])
      made[std::string(names[i])] = counts[i];
  return made;
}

uint64_t allocatedBytes() { return bytes; }

void reset() {
  for (std::atomic<int> &count : counts)
    count = 0;
  bytes = 0;
}

} // namespace counting
