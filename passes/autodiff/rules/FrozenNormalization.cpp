#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
// y = (x - mean) * inv_std * scale + bias with statistics that do not depend on
// x. So dx is what the op itself makes of dy without mean and bias, and the
// sums over the batch are those of the training form at these statistics.
struct BatchNormalizationInferenceRule
    : Rule<BatchNormalizationInferenceRule, BatchNormalizationInferenceOp> {
  static LogicalResult derive(BatchNormalizationInferenceOp op, Gradients &g) {
    OpBuilder &b = g.getBuilder();
    auto vector = cast<RankedTensorType>(op.getScale().getType());
    Value zero = g.make<ConstantOp>(
        cast<ElementsAttr>(DenseElementsAttr::get(vector, 0.0f)));
    if (g.needs(0))
      g.set(0, g.make<BatchNormalizationInferenceOp>(
                   op.getInput().getType(), g.of(), op.getScale(), zero, zero,
                   op.getRunningVar(), op.getEpsilonAttr()));
    if (!g.needs(1) && !g.needs(2) && !g.needs(3) && !g.needs(4))
      return success();
    Value epsilon = g.scalar(op.getEpsilon().convertToDouble(), zero);
    Value variance = g.make<AddOp>(op.getRunningVar(), epsilon);
    Value invStd = g.make<DivOp>(g.scalar(1, zero), g.make<SqrtOp>(variance));
    auto sums = BatchNormalizationGradOp::create(
        b, op.getLoc(), op.getInput().getType(), vector, vector, g.of(),
        op.getInput(), op.getScale(), op.getRunningMean(), invStd);
    g.set(1, sums.getScaleGradient());
    g.set(2, sums.getBiasGradient());
    Value factor = g.make<MulOp>(op.getScale(), invStd);
    if (g.needs(3))
      g.set(3, g.make<NegOp>(g.make<MulOp>(sums.getBiasGradient(), factor)));
    // The derivative of inv_std by the variance is -inv_std^3 / 2.
    if (g.needs(4))
      g.set(4, g.make<MulOp>(g.make<MulOp>(sums.getScaleGradient(), factor),
                             g.make<MulOp>(invStd, g.scalar(-0.5, zero))));
    return success();
  }
};
} // namespace

void rules::attachFrozenNormalization(MLIRContext &context) {
  BatchNormalizationInferenceRule::attach(context);
}
