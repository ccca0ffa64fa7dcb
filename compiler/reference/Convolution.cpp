#include "compiler/reference/Models.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// Calls `body(output, input, weight)` with the positions of the factors of
// every product of a convolution, padding left out.
template <typename Op>
static void
forEachProduct(Op op, ArrayRef<int64_t> output, ArrayRef<int64_t> input,
               ArrayRef<int64_t> weight,
               llvm::function_ref<void(int64_t, int64_t, int64_t)> body) {
  int64_t filters = weight[0] / int64_t(op.getGroups());
  forEachIndex(output, [&](ArrayRef<int64_t> o) {
    forEachIndex(weight.drop_front(), [&](ArrayRef<int64_t> w) {
      int64_t group = o[1] / filters, channel = group * weight[1] + w[0];
      int64_t row = o[2] * op.getStrides()[0] - op.getPads()[0] +
                    w[1] * op.getDilations()[0];
      int64_t column = o[3] * op.getStrides()[1] - op.getPads()[1] +
                       w[2] * op.getDilations()[1];
      if (row < 0 || row >= input[2] || column < 0 || column >= input[3])
        return;
      body(position(output, o), position(input, {o[0], channel, row, column}),
           position(weight, {o[1], w[0], w[1], w[2]}));
    });
  });
}

static LogicalResult conv(ConvOp op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0], &weight = *inputs[1];
  Tensor &result = results[0];
  forEachProduct(op, result.shape(), input.shape(), weight.shape(),
                 [&](int64_t o, int64_t i, int64_t w) {
                   result.floats[o] += input.floats[i] * weight.floats[w];
                 });
  if (op.getBias())
    forEachIndex(result.shape(), [&](ArrayRef<int64_t> o) {
      result.floats[position(result.shape(), o)] += inputs[2]->floats[o[1]];
    });
  return success();
}

static LogicalResult convInputGrad(ConvInputGradOp op, Inputs inputs,
                                   Results results) {
  const Tensor &gradient = *inputs[0], &weight = *inputs[1];
  Tensor &result = results[0];
  forEachProduct(op, gradient.shape(), result.shape(), weight.shape(),
                 [&](int64_t o, int64_t i, int64_t w) {
                   result.floats[i] += gradient.floats[o] * weight.floats[w];
                 });
  return success();
}

static LogicalResult convWeightGrad(ConvWeightGradOp op, Inputs inputs,
                                    Results results) {
  const Tensor &gradient = *inputs[0], &input = *inputs[1];
  Tensor &result = results[0];
  forEachProduct(op, gradient.shape(), input.shape(), result.shape(),
                 [&](int64_t o, int64_t i, int64_t w) {
                   result.floats[w] += gradient.floats[o] * input.floats[i];
                 });
  return success();
}

void mpc::reference::attachConvolutionModels(MLIRContext *context) {
  attach<ConvOp, conv>(context);
  attach<ConvInputGradOp, convInputGrad>(context);
  attach<ConvWeightGradOp, convWeightGrad>(context);
}
