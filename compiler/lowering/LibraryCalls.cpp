#include "compiler/lowering/LibraryCalls.h"
#include "compiler/analysis/Providers.h"

using namespace mlir;
using namespace mpc;

static mpcrt::DType productType(Type element) {
  return element.isF32()   ? mpcrt::DType::F32
         : element.isF16() ? mpcrt::DType::F16
                           : mpcrt::DType::BF16;
}

static mpcrt::ProductForm formOf(const LibraryProduct &product) {
  return {product.batch,
          product.m,
          product.n,
          product.k,
          product.transA,
          product.transB,
          double(product.alpha)};
}

static mpcrt::ConvolutionForm::Kind kindOf(LibraryConvolution::Kind kind) {
  switch (kind) {
  case LibraryConvolution::Kind::Forward:
    return mpcrt::ConvolutionForm::Kind::Forward;
  case LibraryConvolution::Kind::InputGradient:
    return mpcrt::ConvolutionForm::Kind::InputGradient;
  case LibraryConvolution::Kind::WeightGradient:
    return mpcrt::ConvolutionForm::Kind::WeightGradient;
  }
  llvm_unreachable("a kind of convolution");
}

static mpcrt::ConvolutionForm formOf(const LibraryConvolution &convolution) {
  mpcrt::ConvolutionForm form;
  form.kind = kindOf(convolution.kind);
  llvm::copy(convolution.input, form.input.begin());
  llvm::copy(convolution.weight, form.weight.begin());
  llvm::copy(convolution.strides, form.strides.begin());
  llvm::copy(convolution.pads, form.pads.begin());
  llvm::copy(convolution.dilations, form.dilations.begin());
  form.groups = convolution.groups;
  return form;
}

// Operands are arguments of the kernel, and so is the result, behind them.
template <typename Work>
static mpcrt::LibraryCall callOf(KernelOp kernel, const Work &work) {
  auto argument = [](Value value) {
    return int64_t(cast<BlockArgument>(value).getArgNumber());
  };
  mpcrt::LibraryCall call;
  call.library = kernel.getProvider().str();
  call.launches = int64_t(kernel.getEntries()->size());
  call.form = formOf(work);
  call.type = productType(elementTypeOf(work.a));
  call.resultType =
      productType(elementTypeOf(kernel.getRootOp()->getResult(0)));
  call.a = argument(work.a);
  call.b = argument(work.b);
  call.result = int64_t(kernel.getInputs().size());
  if (work.bias)
    call.bias = argument(work.bias);
  return call;
}

std::optional<mpcrt::LibraryCall> mpc::libraryCallOf(KernelOp kernel) {
  Operation *root = kernel.getRootOp();
  if (std::optional<LibraryProduct> product = libraryProduct(root))
    return callOf(kernel, *product);
  if (std::optional<LibraryConvolution> convolution = libraryConvolution(root))
    return callOf(kernel, *convolution);
  return std::nullopt;
}
