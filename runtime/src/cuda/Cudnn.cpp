#include "runtime/src/cuda/Cudnn.h"
#include "runtime/src/cuda/CudnnApi.h"

namespace mpcrt::cuda {

using namespace dnn;

namespace {
using Kind = ConvolutionForm::Kind;

int typeOf(DType type) {
  return type == DType::F16    ? DATA_HALF
         : type == DType::BF16 ? DATA_BFLOAT16
                               : DATA_FLOAT;
}

class ConvolutionCall : public PreparedCall {
public:
  ConvolutionCall(const Functions &functions, const LibraryCall &call)
      : f(functions), form(std::get<ConvolutionForm>(call.form)),
        type(call.type), hasBias(call.bias >= 0) {}
  ~ConvolutionCall() override {
    for (Tensor tensor : {input, output, bias})
      if (tensor)
        (void)f.tensorDestroy(tensor);
    if (weight)
      (void)f.filterDestroy(weight);
    if (convolution)
      (void)f.convolutionDestroy(convolution);
    if (identity)
      (void)f.activationDestroy(identity);
  }
  ConvolutionCall(const ConvolutionCall &) = delete;
  ConvolutionCall &operator=(const ConvolutionCall &) = delete;

  /// False if the library refuses it.
  bool prepare() {
    return describeOperands() && describeConvolution() &&
           (!hasBias || describeBias()) && askForWorkspace() == 0 &&
           workspace <= mostWorkspaceBytes;
  }
  size_t workspaceBytes() const override { return workspace; }
  int enqueue(const Operands &operands, void *memory,
              CUstream stream) const override;

private:
  bool describe(Tensor &tensor, const std::array<int64_t, 4> &shape) const {
    return f.tensorCreate(&tensor) == 0 &&
           f.tensorSet(tensor, TENSOR_NCHW, typeOf(type), int(shape[0]),
                       int(shape[1]), int(shape[2]), int(shape[3])) == 0;
  }
  bool describeOperands();
  bool describeConvolution();
  bool describeBias();
  int askForWorkspace();
  int enqueueForward(const Operands &operands, void *memory) const;

  const Functions &f;
  const ConvolutionForm form;
  const DType type;
  const bool hasBias;
  Tensor input = nullptr, output = nullptr, bias = nullptr;
  Filter weight = nullptr;
  Convolution convolution = nullptr;
  Activation identity = nullptr; ///< behind a bias
  size_t workspace = 0;
};

bool ConvolutionCall::describeOperands() {
  const std::array<int64_t, 4> &w = form.weight;
  return describe(input, form.input) && describe(output, form.output()) &&
         f.filterCreate(&weight) == 0 &&
         f.filterSet(weight, typeOf(type), TENSOR_NCHW, int(w[0]), int(w[1]),
                     int(w[2]), int(w[3])) == 0;
}

bool ConvolutionCall::describeConvolution() {
  const ConvolutionForm &c = form;
  return f.convolutionCreate(&convolution) == 0 &&
         f.convolutionSet(convolution, int(c.pads[0]), int(c.pads[1]),
                          int(c.strides[0]), int(c.strides[1]),
                          int(c.dilations[0]), int(c.dilations[1]),
                          CROSS_CORRELATION, DATA_FLOAT) == 0 &&
         f.convolutionGroups(convolution, int(c.groups)) == 0 &&
         f.convolutionMath(convolution,
                           type == DType::F32 ? FMA_MATH : TENSOR_OP_MATH) == 0;
}

bool ConvolutionCall::describeBias() {
  return describe(bias, {1, form.weight[0], 1, 1}) &&
         f.activationCreate(&identity) == 0 &&
         f.activationSet(identity, ACTIVATION_IDENTITY, PROPAGATE_NAN, 0) == 0;
}

int ConvolutionCall::askForWorkspace() {
  switch (form.kind) {
  case Kind::InputGradient:
    return f.dataWorkspace(f.handle, weight, output, convolution, input,
                           BWD_DATA_ALGO_1, &workspace);
  case Kind::WeightGradient:
    return f.filterWorkspace(f.handle, input, output, convolution, weight,
                             BWD_FILTER_ALGO_1, &workspace);
  case Kind::Forward:
    break;
  }
  return f.forwardWorkspace(f.handle, input, weight, convolution, output,
                            FWD_ALGO_IMPLICIT_PRECOMP_GEMM, &workspace);
}

// With a bias the function also adds an operand, which is the result here,
// times zero.
int ConvolutionCall::enqueueForward(const Operands &operands,
                                    void *memory) const {
  const float one = 1, zero = 0;
  if (!hasBias)
    return f.forward(f.handle, &one, input, operands.a, weight, operands.b,
                     convolution, FWD_ALGO_IMPLICIT_PRECOMP_GEMM, memory,
                     workspace, &zero, output, operands.result);
  return f.forwardBias(f.handle, &one, input, operands.a, weight, operands.b,
                       convolution, FWD_ALGO_IMPLICIT_PRECOMP_GEMM, memory,
                       workspace, &zero, output, operands.result, bias,
                       operands.bias, identity, output, operands.result);
}

int ConvolutionCall::enqueue(const Operands &operands, void *memory,
                             CUstream stream) const {
  if (int refused = f.setStream(f.handle, stream))
    return refused;
  const float one = 1, zero = 0;
  switch (form.kind) {
  case Kind::InputGradient:
    return f.backwardData(f.handle, &one, weight, operands.b, output,
                          operands.a, convolution, BWD_DATA_ALGO_1, memory,
                          workspace, &zero, input, operands.result);
  case Kind::WeightGradient:
    return f.backwardFilter(f.handle, &one, input, operands.b, output,
                            operands.a, convolution, BWD_FILTER_ALGO_1, memory,
                            workspace, &zero, weight, operands.result);
  case Kind::Forward:
    break;
  }
  return enqueueForward(operands, memory);
}
} // namespace

std::unique_ptr<Library> openCudnn() {
  return LibraryOf<Functions, ConvolutionCall>::open();
}

} // namespace mpcrt::cuda
