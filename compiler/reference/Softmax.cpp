#include "compiler/reference/Models.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// Calls `body` with the positions along `axis`, for every index of the other
// dimensions.
static void forEachRow(ArrayRef<int64_t> shape, int64_t axis,
                       llvm::function_ref<void(ArrayRef<int64_t>)> body) {
  Shape rows = reducedShape(shape, {axis}, /*keepDims=*/true);
  int64_t stride = elementCount(shape.drop_front(axis + 1));
  forEachIndex(rows, [&](ArrayRef<int64_t> index) {
    SmallVector<int64_t> positions;
    for (int64_t i = 0; i < shape[axis]; ++i)
      positions.push_back(position(shape, index) + i * stride);
    body(positions);
  });
}

// log(sum(exp(x))) of a row, split so that nothing is lost: the maximum and the
// logarithm of the rest.
static std::pair<double, double> logSumExp(const Tensor &x,
                                           ArrayRef<int64_t> row) {
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (int64_t at : row)
    largest = std::fmax(largest, x.floats[at]);
  for (int64_t at : row)
    sum += std::exp(x.floats[at] - largest);
  return {largest, std::log(sum)};
}

template <typename Op, bool logarithm>
static LogicalResult softmax(Op op, Inputs inputs, Results results) {
  const Tensor &x = *inputs[0];
  forEachRow(x.shape(), op.getAxis(), [&](ArrayRef<int64_t> row) {
    auto [largest, rest] = logSumExp(x, row);
    for (int64_t at : row) {
      double y = x.floats[at] - largest - rest;
      results[0].floats[at] = logarithm ? y : std::exp(y);
    }
  });
  return success();
}

static LogicalResult softmaxGrad(SoftmaxGradOp op, Inputs inputs,
                                 Results results) {
  const Tensor &dy = *inputs[0], &y = *inputs[1];
  forEachRow(y.shape(), op.getAxis(), [&](ArrayRef<int64_t> row) {
    double sum = 0;
    for (int64_t at : row)
      sum += dy.floats[at] * y.floats[at];
    for (int64_t at : row)
      results[0].floats[at] = y.floats[at] * (dy.floats[at] - sum);
  });
  return success();
}

static LogicalResult logSoftmaxGrad(LogSoftmaxGradOp op, Inputs inputs,
                                    Results results) {
  const Tensor &dy = *inputs[0], &y = *inputs[1];
  forEachRow(y.shape(), op.getAxis(), [&](ArrayRef<int64_t> row) {
    double sum = 0;
    for (int64_t at : row)
      sum += dy.floats[at];
    for (int64_t at : row)
      results[0].floats[at] = dy.floats[at] - std::exp(y.floats[at]) * sum;
  });
  return success();
}

void mpc::reference::attachSoftmaxModels(MLIRContext *context) {
  attach<SoftmaxOp, softmax<SoftmaxOp, false>>(context);
  attach<LogSoftmaxOp, softmax<LogSoftmaxOp, true>>(context);
  attach<SoftmaxGradOp, softmaxGrad>(context);
  attach<LogSoftmaxGradOp, logSoftmaxGrad>(context);
}
