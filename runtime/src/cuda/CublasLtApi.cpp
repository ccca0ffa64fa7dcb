#include "runtime/src/cuda/CublasLtApi.h"
#include "runtime/src/cuda/SharedObject.h"

namespace mpcrt::cuda::lt {

bool Functions::load() {
  const SharedObject library({"libcublasLt.so.13", "libcublasLt.so.12"});
  bool complete = true;
#define MPCRT_FIND(member, symbol, ...)                                        \
  complete = library.find(member, #symbol) && complete;
  MPCRT_CUBLASLT_FUNCTIONS(MPCRT_FIND)
#undef MPCRT_FIND
  // Only benchmarks ask for it.
  (void)library.find(version, "cublasLtGetVersion");
  return complete && create(&handle) == 0;
}

Functions::~Functions() {
  if (handle)
    (void)destroy(handle);
}

} // namespace mpcrt::cuda::lt
