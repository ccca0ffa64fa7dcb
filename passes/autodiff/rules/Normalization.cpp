#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
// One op gives all three gradients. The batch's statistics are functions of the
// input, which that op accounts for; as results of their own they have no
// derivative.
struct BatchNormalizationRule
    : Rule<BatchNormalizationRule, BatchNormalizationOp> {
  static LogicalResult derive(BatchNormalizationOp op, Gradients &g) {
    for (unsigned result = 1; result < op->getNumResults(); ++result)
      if (g.of(result))
        return op.emitOpError(
                   "has no derivative of its statistics, but result #")
               << result << " reaches the loss; use only the normalized output";
    auto gradients = BatchNormalizationGradOp::create(
        g.getBuilder(), op.getLoc(), op.getInput().getType(),
        op.getScale().getType(), op.getBias().getType(), g.of(), op.getInput(),
        op.getScale(), op.getMean(), op.getInvStd());
    for (unsigned operand = 0; operand < 3; ++operand)
      g.set(operand, gradients.getResult(operand));
    return success();
  }
};
} // namespace

void rules::attachNormalization(MLIRContext &context) {
  BatchNormalizationRule::attach(context);
}
