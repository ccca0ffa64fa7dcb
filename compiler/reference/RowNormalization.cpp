// layer_normalization, rms_normalization and their gradients.
#include "compiler/reference/Models.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

namespace {
// A tensor as rows that follow one another.
struct Rows {
  int64_t count, length;
  Rows(const Tensor &input, int64_t axis)
      : count(elementCount(input.shape().take_front(axis))),
        length(elementCount(input.shape().drop_front(axis))) {}

  // The mean over a row of what `term` gives for its positions.
  double mean(int64_t row, llvm::function_ref<double(int64_t)> term) const {
    double sum = 0;
    for (int64_t i = 0; i < length; ++i)
      sum += term(row * length + i);
    return sum / static_cast<double>(length);
  }
};
} // namespace

// Element `i` of a row's scale or bias, or `otherwise` without one.
static double elementOf(const Tensor *vector, int64_t i, double otherwise) {
  return vector ? vector->floats[i] : otherwise;
}

static LogicalResult layerNormalization(LayerNormalizationOp op, Inputs inputs,
                                        Results results) {
  const Tensor &x = *inputs[0];
  const Tensor *scale = op.getScale() ? inputs[1] : nullptr;
  const Tensor *bias = op.getBias() ? inputs.back() : nullptr;
  double epsilon = op.getEpsilon().convertToFloat();
  Rows rows(x, op.getAxis());
  for (int64_t row = 0; row < rows.count; ++row) {
    double mean = rows.mean(row, [&](int64_t at) { return x.floats[at]; });
    double variance = rows.mean(row, [&](int64_t at) {
      return (x.floats[at] - mean) * (x.floats[at] - mean);
    });
    double invStd = 1 / std::sqrt(variance + epsilon);
    results[1].floats[row] = mean;
    results[2].floats[row] = invStd;
    for (int64_t i = 0; i < rows.length; ++i) {
      int64_t at = row * rows.length + i;
      results[0].floats[at] =
          (x.floats[at] - mean) * invStd * elementOf(scale, i, 1) +
          elementOf(bias, i, 0);
    }
  }
  return success();
}

static LogicalResult layerNormalizationGrad(LayerNormalizationGradOp op,
                                            Inputs inputs, Results results) {
  const Tensor &dy = *inputs[0], &x = *inputs[1];
  const Tensor *scale = op.getScale() ? inputs[2] : nullptr;
  const Tensor &mean = *inputs[inputs.size() - 2], &invStd = *inputs.back();
  Rows rows(x, op.getAxis());
  for (int64_t row = 0; row < rows.count; ++row) {
    auto xhat = [&](int64_t at) {
      return (x.floats[at] - mean.floats[row]) * invStd.floats[row];
    };
    auto g = [&](int64_t at) {
      return dy.floats[at] * elementOf(scale, at % rows.length, 1);
    };
    double meanG = rows.mean(row, g);
    double meanProduct =
        rows.mean(row, [&](int64_t at) { return g(at) * xhat(at); });
    for (int64_t i = 0; i < rows.length; ++i) {
      int64_t at = row * rows.length + i;
      results[0].floats[at] =
          invStd.floats[row] * (g(at) - meanG - xhat(at) * meanProduct);
      results[1].floats[i] += dy.floats[at] * xhat(at);
      results[2].floats[i] += dy.floats[at];
    }
  }
  return success();
}

static LogicalResult rmsNormalization(RmsNormalizationOp op, Inputs inputs,
                                      Results results) {
  const Tensor &x = *inputs[0];
  const Tensor *scale = op.getScale() ? inputs[1] : nullptr;
  double epsilon = op.getEpsilon().convertToFloat();
  Rows rows(x, op.getAxis());
  for (int64_t row = 0; row < rows.count; ++row) {
    double square =
        rows.mean(row, [&](int64_t at) { return x.floats[at] * x.floats[at]; });
    double invRms = 1 / std::sqrt(square + epsilon);
    results[1].floats[row] = invRms;
    for (int64_t i = 0; i < rows.length; ++i) {
      int64_t at = row * rows.length + i;
      results[0].floats[at] = x.floats[at] * invRms * elementOf(scale, i, 1);
    }
  }
  return success();
}

static LogicalResult rmsNormalizationGrad(RmsNormalizationGradOp op,
                                          Inputs inputs, Results results) {
  const Tensor &dy = *inputs[0], &x = *inputs[1], &invRms = *inputs.back();
  const Tensor *scale = op.getScale() ? inputs[2] : nullptr;
  Rows rows(x, op.getAxis());
  for (int64_t row = 0; row < rows.count; ++row) {
    auto xhat = [&](int64_t at) { return x.floats[at] * invRms.floats[row]; };
    auto g = [&](int64_t at) {
      return dy.floats[at] * elementOf(scale, at % rows.length, 1);
    };
    double meanProduct =
        rows.mean(row, [&](int64_t at) { return g(at) * xhat(at); });
    for (int64_t i = 0; i < rows.length; ++i) {
      int64_t at = row * rows.length + i;
      results[0].floats[at] =
          invRms.floats[row] * (g(at) - xhat(at) * meanProduct);
      results[1].floats[i] += dy.floats[at] * xhat(at);
    }
  }
  return success();
}

void mpc::reference::attachRowNormalizationModels(MLIRContext *context) {
  attach<LayerNormalizationOp, layerNormalization>(context);
  attach<LayerNormalizationGradOp, layerNormalizationGrad>(context);
  attach<RmsNormalizationOp, rmsNormalization>(context);
  attach<RmsNormalizationGradOp, rmsNormalizationGrad>(context);
}
