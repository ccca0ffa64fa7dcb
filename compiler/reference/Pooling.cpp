#include "compiler/reference/Models.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// Positions in `input` [N, C, H, W] of the elements that the window of output
// element `o` covers, row by row, padding left out. None where a dilated window
// has the input between two of its elements.
template <typename Op>
static SmallVector<int64_t> window(Op op, ArrayRef<int64_t> input,
                                   ArrayRef<int64_t> o) {
  SmallVector<int64_t> covered;
  for (int64_t i = 0; i < op.getKernel()[0]; ++i)
    for (int64_t j = 0; j < op.getKernel()[1]; ++j) {
      int64_t row = o[2] * op.getStrides()[0] - op.getPads()[0] +
                    i * op.getDilations()[0];
      int64_t column = o[3] * op.getStrides()[1] - op.getPads()[1] +
                       j * op.getDilations()[1];
      if (row >= 0 && row < input[2] && column >= 0 && column < input[3])
        covered.push_back(position(input, {o[0], o[1], row, column}));
    }
  return covered;
}

// The first largest of some elements, if any; NaN is larger than any number.
static std::optional<int64_t> firstLargest(const Tensor &input,
                                           ArrayRef<int64_t> covered) {
  if (covered.empty())
    return std::nullopt;
  int64_t best = covered.front();
  for (int64_t at : covered) {
    double value = input.floats[at], largest = input.floats[best];
    if (value > largest || (std::isnan(value) && !std::isnan(largest)))
      best = at;
  }
  return best;
}

static LogicalResult maxPool(MaxPoolOp op, Inputs inputs, Results results) {
  const Tensor &input = *inputs[0];
  Tensor &result = results[0];
  forEachIndex(result.shape(), [&](ArrayRef<int64_t> o) {
    auto from = firstLargest(input, window(op, input.shape(), o));
    result.floats[position(result.shape(), o)] =
        from ? input.floats[*from] : -INFINITY;
  });
  return success();
}

static LogicalResult maxPoolGrad(MaxPoolGradOp op, Inputs inputs,
                                 Results results) {
  const Tensor &gradient = *inputs[0], &input = *inputs[1];
  forEachIndex(gradient.shape(), [&](ArrayRef<int64_t> o) {
    if (auto to = firstLargest(input, window(op, input.shape(), o)))
      results[0].floats[*to] += gradient.floats[position(gradient.shape(), o)];
  });
  return success();
}

// How many elements the mean of a window is taken of. Like ONNX, padding counts
// as far as pads reach: what a last window covers beyond them does not.
template <typename Op>
static double meanCount(Op op, ArrayRef<int64_t> input, ArrayRef<int64_t> o,
                        ArrayRef<int64_t> covered) {
  if (!op.getCountIncludePad())
    return static_cast<double>(covered.size());
  double count = 1;
  for (int d : {0, 1}) {
    int64_t end = input[2 + d] + op.getPads()[2 + d];
    int64_t begin = o[2 + d] * op.getStrides()[d] - op.getPads()[d];
    count *=
        std::min(op.getKernel()[d],
                 llvm::divideCeilSigned(end - begin, op.getDilations()[d]));
  }
  return count;
}

static LogicalResult averagePool(AveragePoolOp op, Inputs inputs,
                                 Results results) {
  const Tensor &input = *inputs[0];
  Tensor &result = results[0];
  forEachIndex(result.shape(), [&](ArrayRef<int64_t> o) {
    SmallVector<int64_t> covered = window(op, input.shape(), o);
    double sum = 0;
    for (int64_t at : covered)
      sum += input.floats[at];
    result.floats[position(result.shape(), o)] =
        sum / meanCount(op, input.shape(), o, covered);
  });
  return success();
}

static LogicalResult averagePoolGrad(AveragePoolGradOp op, Inputs inputs,
                                     Results results) {
  const Tensor &gradient = *inputs[0];
  Tensor &result = results[0];
  forEachIndex(gradient.shape(), [&](ArrayRef<int64_t> o) {
    SmallVector<int64_t> covered = window(op, result.shape(), o);
    double share = gradient.floats[position(gradient.shape(), o)] /
                   meanCount(op, result.shape(), o, covered);
    for (int64_t at : covered)
      result.floats[at] += share;
  });
  return success();
}

void mpc::reference::attachPoolingModels(MLIRContext *context) {
  attach<MaxPoolOp, maxPool>(context);
  attach<MaxPoolGradOp, maxPoolGrad>(context);
  attach<AveragePoolOp, averagePool>(context);
  attach<AveragePoolGradOp, averagePoolGrad>(context);
}
