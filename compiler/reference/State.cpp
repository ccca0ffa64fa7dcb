// Ops of the family that compute; reads and the terminators are the
// interpreter's own.
#include "compiler/reference/Models.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

static LogicalResult gradientSeed(GradientSeedOp, Inputs inputs,
                                  Results results) {
  results[0].floats[0] = inputs.empty() ? 1.0 : inputs[0]->scalar();
  return success();
}

static LogicalResult parameterGradient(ParameterGradientOp, Inputs inputs,
                                       Results results) {
  double inverseScale = inputs.size() > 1 ? inputs[1]->scalar() : 1.0;
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0].floats[i] = inputs[0]->floats[i] * inverseScale;
  return success();
}

void mpc::reference::attachStateModels(MLIRContext *context) {
  attach<GradientSeedOp, gradientSeed>(context);
  attach<ParameterGradientOp, parameterGradient>(context);
}
