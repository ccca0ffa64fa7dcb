#include "compiler/lowering/LibraryCalls.h"
#include "compiler/analysis/Providers.h"
#include "compiler/lowering/ElementTypes.h"

using namespace mlir;
using namespace mpc;

static mpcrt::ProductForm formOf(const LibraryProduct &product) {
  return {product.batch,
          product.m,
          product.n,
          product.k,
          product.transA,
          product.transB,
          double(product.alpha)};
}

template <typename Op>
static mpcrt::ConvolutionForm formOf(Op op, mpcrt::ConvolutionForm::Kind kind,
                                     Value input, Value weight) {
  mpcrt::ConvolutionForm form;
  form.kind = kind;
  llvm::copy(shapeOf(input), form.input.begin());
  llvm::copy(shapeOf(weight), form.weight.begin());
  llvm::copy(op.getStrides(), form.strides.begin());
  llvm::copy(op.getPads().take_front(2), form.pads.begin());
  llvm::copy(op.getDilations(), form.dilations.begin());
  form.groups = int64_t(op.getGroups());
  return form;
}

static mpcrt::ConvolutionForm convolutionOf(Operation *op) {
  using Kind = mpcrt::ConvolutionForm::Kind;
  if (auto grad = dyn_cast<ConvInputGradOp>(op))
    return formOf(grad, Kind::InputGradient, grad.getResult(),
                  grad.getWeight());
  if (auto grad = dyn_cast<ConvWeightGradOp>(op))
    return formOf(grad, Kind::WeightGradient, grad.getInput(),
                  grad.getResult());
  auto conv = cast<ConvOp>(op);
  return formOf(conv, Kind::Forward, conv.getInput(), conv.getWeight());
}

// Operands are arguments of the kernel, and so is the result, behind them.
std::optional<mpcrt::LibraryCall> mpc::libraryCallOf(KernelOp kernel) {
  Operation *root = kernel.getRootOp();
  mpcrt::LibraryCall call;
  Value a, b, bias;
  if (std::optional<LibraryProduct> product = libraryProduct(root)) {
    call.form = formOf(*product);
    a = product->a;
    b = product->b;
    bias = product->bias;
  } else if (isLibraryConvolution(root)) {
    call.form = convolutionOf(root);
    a = root->getOperand(0);
    b = root->getOperand(1);
    bias = root->getNumOperands() > 2 ? root->getOperand(2) : Value();
  } else {
    return std::nullopt;
  }
  assert(kernel.getProvider() == call.library().name);
  auto argument = [](Value value) {
    return int64_t(cast<BlockArgument>(value).getArgNumber());
  };
  call.launches = int64_t(kernel.getEntries()->size());
  call.type = *artifactType(elementTypeOf(a));
  call.resultType = *artifactType(elementTypeOf(root->getResult(0)));
  call.a = argument(a);
  call.b = argument(b);
  call.result = int64_t(kernel.getInputs().size());
  if (bias)
    call.bias = argument(bias);
  return call;
}
