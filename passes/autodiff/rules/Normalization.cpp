#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

// One op gives the gradients of all operands. The statistics are functions of
// the input, which that op accounts for; as results of their own they have no
// derivative.
static LogicalResult checkOutputs(Operation *op, Gradients &g) {
  for (unsigned result = 1; result < op->getNumResults(); ++result)
    if (g.of(result))
      return op->emitOpError(
                 "has no derivative of its statistics, but result #")
             << result << " reaches the loss; use only the normalized output";
  return success();
}

namespace {
struct BatchNormalizationRule
    : Rule<BatchNormalizationRule, BatchNormalizationOp> {
  static LogicalResult derive(BatchNormalizationOp op, Gradients &g) {
    if (failed(checkOutputs(op, g)))
      return failure();
    auto gradients = BatchNormalizationGradOp::create(
        g.getBuilder(), op.getLoc(), op.getInput().getType(),
        op.getScale().getType(), op.getBias().getType(), g.of(), op.getInput(),
        op.getScale(), op.getMean(), op.getInvStd());
    for (unsigned operand = 0; operand < 3; ++operand)
      g.set(operand, gradients.getResult(operand));
    return success();
  }
};

struct LayerNormalizationRule
    : Rule<LayerNormalizationRule, LayerNormalizationOp> {
  static LogicalResult derive(LayerNormalizationOp op, Gradients &g) {
    if (failed(checkOutputs(op, g)))
      return failure();
    auto gradients = LayerNormalizationGradOp::create(
        g.getBuilder(), op.getLoc(), g.of(), op.getInput(), op.getScale(),
        op.getMean(), op.getInvStd(), int64_t(op.getAxis()));
    unsigned operand = 0;
    g.set(operand++, gradients.getInputGradient());
    if (op.getScale())
      g.set(operand++, gradients.getScaleGradient());
    if (op.getBias())
      g.set(operand++, gradients.getBiasGradient());
    return success();
  }
};

struct RmsNormalizationRule : Rule<RmsNormalizationRule, RmsNormalizationOp> {
  static LogicalResult derive(RmsNormalizationOp op, Gradients &g) {
    if (failed(checkOutputs(op, g)))
      return failure();
    auto gradients = RmsNormalizationGradOp::create(
        g.getBuilder(), op.getLoc(), g.of(), op.getInput(), op.getScale(),
        op.getInvRms(), int64_t(op.getAxis()));
    g.set(0, gradients.getInputGradient());
    if (op.getScale())
      g.set(1, gradients.getScaleGradient());
    return success();
  }
};
} // namespace

void rules::attachNormalization(MLIRContext &context) {
  BatchNormalizationRule::attach(context);
  LayerNormalizationRule::attach(context);
  RmsNormalizationRule::attach(context);
}
