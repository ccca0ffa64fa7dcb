#include "compiler/reference/Models.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

// Calls `body(position, channel)` for every element of [N, C, ...].
static void forEachElement(ArrayRef<int64_t> shape,
                           llvm::function_ref<void(int64_t, int64_t)> body) {
  forEachIndex(shape, [&](ArrayRef<int64_t> index) {
    body(position(shape, index), index[1]);
  });
}

static double elementsPerChannel(const Tensor &input) {
  return static_cast<double>(input.size()) / input.shape()[1];
}

// y = (x - mean) * inv_std * scale + bias per channel.
static void normalize(const Tensor &input, ArrayRef<double> mean,
                      ArrayRef<double> invStd, const Tensor &scale,
                      const Tensor &bias, Tensor &output) {
  forEachElement(input.shape(), [&](int64_t at, int64_t c) {
    output.floats[at] =
        (input.floats[at] - mean[c]) * invStd[c] * scale.floats[c] +
        bias.floats[c];
  });
}

static LogicalResult training(BatchNormalizationOp op, Inputs inputs,
                              Results results) {
  const Tensor &input = *inputs[0];
  int64_t channels = input.shape()[1];
  double count = elementsPerChannel(input);
  std::vector<double> mean(channels), variance(channels), invStd(channels);
  forEachElement(input.shape(), [&](int64_t at, int64_t c) {
    mean[c] += input.floats[at] / count;
  });
  forEachElement(input.shape(), [&](int64_t at, int64_t c) {
    double deviation = input.floats[at] - mean[c];
    variance[c] += deviation * deviation / count;
  });
  double epsilon = op.getEpsilon().convertToFloat();
  double momentum = op.getMomentum().convertToFloat();
  for (int64_t c = 0; c < channels; ++c) {
    invStd[c] = 1 / std::sqrt(variance[c] + epsilon);
    results[1].floats[c] =
        inputs[3]->floats[c] * momentum + mean[c] * (1 - momentum);
    results[2].floats[c] =
        inputs[4]->floats[c] * momentum + variance[c] * (1 - momentum);
  }
  normalize(input, mean, invStd, *inputs[1], *inputs[2], results[0]);
  results[3].floats = mean;
  results[4].floats = invStd;
  return success();
}

static LogicalResult inference(BatchNormalizationInferenceOp op, Inputs inputs,
                               Results results) {
  double epsilon = op.getEpsilon().convertToFloat();
  std::vector<double> invStd;
  for (double variance : inputs[4]->floats)
    invStd.push_back(1 / std::sqrt(variance + epsilon));
  normalize(*inputs[0], inputs[3]->floats, invStd, *inputs[1], *inputs[2],
            results[0]);
  return success();
}

static LogicalResult gradient(BatchNormalizationGradOp, Inputs inputs,
                              Results results) {
  const Tensor &dy = *inputs[0], &x = *inputs[1], &scale = *inputs[2];
  const Tensor &mean = *inputs[3], &invStd = *inputs[4];
  Tensor &dx = results[0], &dscale = results[1], &dbias = results[2];
  auto normalized = [&](int64_t at, int64_t c) {
    return (x.floats[at] - mean.floats[c]) * invStd.floats[c];
  };
  forEachElement(x.shape(), [&](int64_t at, int64_t c) {
    dbias.floats[c] += dy.floats[at];
    dscale.floats[c] += dy.floats[at] * normalized(at, c);
  });
  double count = elementsPerChannel(x);
  forEachElement(x.shape(), [&](int64_t at, int64_t c) {
    dx.floats[at] = scale.floats[c] * invStd.floats[c] *
                    (dy.floats[at] - dbias.floats[c] / count -
                     normalized(at, c) * dscale.floats[c] / count);
  });
  return success();
}

void mpc::reference::attachNormalizationModels(MLIRContext *context) {
  attach<BatchNormalizationOp, training>(context);
  attach<BatchNormalizationInferenceOp, inference>(context);
  attach<BatchNormalizationGradOp, gradient>(context);
}
