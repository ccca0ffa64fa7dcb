#include "compiler/lowering/LibraryCalls.h"
#include "compiler/analysis/Providers.h"
#include "compiler/lowering/ElementTypes.h"

using namespace mlir;
using namespace mpc;

static mpcrt::ProductForm formOf(MatrixProductOpInterface product) {
  auto [batches, m, n, k] = product.getExtents();
  return {batches,
          m,
          n,
          k,
          product.getTransA(),
          product.getTransB(),
          double(product.getFactor())};
}

static mpcrt::ConvolutionForm formOf(ConvolutionOpInterface convolution) {
  using Form = mpcrt::ConvolutionForm;
  Form form;
  Value result = convolution->getResult(0);
  form.kind = result == convolution.getConvOutput() ? Form::Kind::Forward
              : result == convolution.getConvInput()
                  ? Form::Kind::InputGradient
                  : Form::Kind::WeightGradient;
  llvm::copy(shapeOf(convolution.getConvInput()), form.input.begin());
  llvm::copy(shapeOf(convolution.getConvWeight()), form.weight.begin());
  llvm::copy(convolution.getStrides(), form.strides.begin());
  llvm::copy(convolution.getPads().take_front(2), form.pads.begin());
  llvm::copy(convolution.getDilations(), form.dilations.begin());
  form.groups = int64_t(convolution.getGroups());
  return form;
}

// Operands are arguments of the kernel, and so is the result, behind them.
std::optional<mpcrt::LibraryCall> mpc::libraryCallOf(KernelOp kernel) {
  Operation *root = kernel.getRootOp();
  mpcrt::LibraryCall call;
  Value bias;
  if (isLibraryProduct(root)) {
    auto product = cast<MatrixProductOpInterface>(root);
    call.form = formOf(product);
    bias = product.getAddend();
  } else if (isLibraryConvolution(root)) {
    auto convolution = cast<ConvolutionOpInterface>(root);
    call.form = formOf(convolution);
    bias = convolution.getConvBias();
  } else {
    return std::nullopt;
  }
  assert(kernel.getProvider() == call.library().name);
  auto argument = [](Value value) {
    return int64_t(cast<BlockArgument>(value).getArgNumber());
  };
  call.launches = int64_t(kernel.getEntries()->size());
  call.type = *artifactType(elementTypeOf(root->getOperand(0)));
  call.resultType = *artifactType(elementTypeOf(root->getResult(0)));
  call.a = argument(root->getOperand(0));
  call.b = argument(root->getOperand(1));
  call.result = int64_t(kernel.getInputs().size());
  if (bias)
    call.bias = argument(bias);
  return call;
}
