// What runtime/src/cuda/CudnnApi.h says of the library, against cudnn.h.
// Nothing is called: that this compiles is the test.
#include "runtime/src/cuda/CudnnApi.h"
#include "test/unit/cuda/header/Agree.h"

#include <cudnn.h>

namespace {
namespace own = mpcrt::cuda::dnn;

#define MPCRT_AGREES(member, symbol, ...)                                      \
  static_assert(mpcrt::test::Agree<decltype(own::Functions::member),           \
                                   decltype(symbol)>::value,                   \
                #symbol);
MPCRT_CUDNN_FUNCTIONS(MPCRT_AGREES)

static_assert(CUDNN_MAJOR == 9, "libcudnn.so.9");
SAME_NUMBER(DATA_FLOAT, CUDNN_DATA_FLOAT);
SAME_NUMBER(DATA_HALF, CUDNN_DATA_HALF);
SAME_NUMBER(DATA_BFLOAT16, CUDNN_DATA_BFLOAT16);
SAME_NUMBER(TENSOR_NCHW, CUDNN_TENSOR_NCHW);
SAME_NUMBER(CROSS_CORRELATION, CUDNN_CROSS_CORRELATION);
SAME_NUMBER(TENSOR_OP_MATH, CUDNN_TENSOR_OP_MATH);
SAME_NUMBER(FMA_MATH, CUDNN_FMA_MATH);
SAME_NUMBER(ACTIVATION_IDENTITY, CUDNN_ACTIVATION_IDENTITY);
SAME_NUMBER(PROPAGATE_NAN, CUDNN_PROPAGATE_NAN);
SAME_NUMBER(FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
            CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM);
SAME_NUMBER(BWD_DATA_ALGO_1, CUDNN_CONVOLUTION_BWD_DATA_ALGO_1);
SAME_NUMBER(BWD_FILTER_ALGO_1, CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1);
} // namespace
