#include "compiler/reference/Models.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

static LogicalResult sgd(SgdOp op, Inputs inputs, Results results) {
  bool hasMoment = op.getMoment() != nullptr;
  const Tensor &parameter = *inputs[0], &gradient = *inputs[1];
  double lr = inputs[hasMoment ? 3 : 2]->scalar();
  double decay = inputs[hasMoment ? 4 : 3]->scalar();
  for (int64_t i = 0; i < parameter.size(); ++i) {
    double g = gradient.floats[i] + decay * parameter.floats[i];
    double step = g;
    if (hasMoment) {
      double momentum = inputs[5]->scalar();
      double next = momentum * inputs[2]->floats[i] + g;
      results[1].floats[i] = next;
      step = op.getNesterov() ? g + momentum * next : next;
    }
    results[0].floats[i] = parameter.floats[i] - lr * step;
  }
  return success();
}

static LogicalResult adamFactors(AdamFactorsOp, Inputs inputs,
                                 Results results) {
  double t = static_cast<double>(inputs[3]->integer()) + 1;
  results[0].floats[0] =
      inputs[0]->scalar() / (1 - std::pow(inputs[1]->scalar(), t));
  results[1].floats[0] = std::sqrt(1 - std::pow(inputs[2]->scalar(), t));
  return success();
}

static LogicalResult adam(AdamOp op, Inputs inputs, Results results) {
  const Tensor &parameter = *inputs[0], &gradient = *inputs[1];
  const Tensor &first = *inputs[2], &second = *inputs[3];
  double lr = inputs[4]->scalar();
  double beta1 = inputs[5]->scalar(), beta2 = inputs[6]->scalar();
  double eps = inputs[7]->scalar(), decay = inputs[8]->scalar();
  double stepSize = inputs[9]->scalar(), root = inputs[10]->scalar();
  for (int64_t i = 0; i < parameter.size(); ++i) {
    double p = parameter.floats[i], g = gradient.floats[i];
    if (op.getDecoupled())
      p *= 1 - lr * decay;
    else
      g += decay * p;
    double m = beta1 * first.floats[i] + (1 - beta1) * g;
    double v = beta2 * second.floats[i] + (1 - beta2) * g * g;
    double denominator = std::sqrt(v) / root + eps;
    results[0].floats[i] = p - stepSize * m / denominator;
    results[1].floats[i] = m;
    results[2].floats[i] = v;
  }
  return success();
}

static LogicalResult stepLr(StepLrOp, Inputs inputs, Results results) {
  double lr = inputs[0]->scalar(), factor = inputs[1]->scalar();
  double steps = std::floor(inputs[3]->integer() / inputs[2]->scalar());
  results[0].floats[0] = lr * std::pow(factor, steps);
  return success();
}

static LogicalResult globalNorm(GlobalNormOp, Inputs inputs, Results results) {
  results[0].floats[0] = normOf(inputs);
  return success();
}

static LogicalResult clipFactor(ClipFactorOp, Inputs inputs, Results results) {
  double factor = inputs[1]->scalar() / (inputs[0]->scalar() + 1e-6);
  // Not fmin: a NaN norm gives a NaN factor, as in PyTorch's clamp.
  results[0].floats[0] = factor > 1 ? 1.0 : factor;
  return success();
}

void mpc::reference::attachOptimizerModels(MLIRContext *context) {
  attach<SgdOp, sgd>(context);
  attach<AdamFactorsOp, adamFactors>(context);
  attach<AdamOp, adam>(context);
  attach<StepLrOp, stepLr>(context);
  attach<GlobalNormOp, globalNorm>(context);
  attach<ClipFactorOp, clipFactor>(context);
}
