#include "runtime/src/cuda/CublasLtApi.h"

#include <dlfcn.h>

namespace mpcrt::cuda::lt {

// Like the driver it stays loaded, since it has handlers of its own.
bool Functions::load() {
  void *library = nullptr;
  for (const char *name : {"libcublasLt.so.13", "libcublasLt.so.12"})
    if (!library)
      library = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library)
    return false;
  bool complete = true;
#define MPCRT_FIND(member, symbol, ...)                                        \
  member = reinterpret_cast<decltype(member)>(dlsym(library, #symbol));        \
  complete = complete && member;
  MPCRT_CUBLASLT_FUNCTIONS(MPCRT_FIND)
#undef MPCRT_FIND
  // Only benchmarks ask for it.
  version =
      reinterpret_cast<decltype(version)>(dlsym(library, "cublasLtGetVersion"));
  return complete && create(&handle) == 0;
}

Functions::~Functions() {
  if (handle)
    (void)destroy(handle);
}

} // namespace mpcrt::cuda::lt
