#include "runtime/src/cuda/CudnnApi.h"
#include "runtime/src/cuda/SharedObject.h"

namespace mpcrt::cuda::dnn {

bool Functions::load() {
  const SharedObject library({"libcudnn.so.9"});
  bool complete = true;
#define MPCRT_FIND(member, symbol, ...)                                        \
  complete = library.find(member, #symbol) && complete;
  MPCRT_CUDNN_FUNCTIONS(MPCRT_FIND)
#undef MPCRT_FIND
  return complete && create(&handle) == 0;
}

Functions::~Functions() {
  if (handle)
    (void)destroy(handle);
}

} // namespace mpcrt::cuda::dnn
