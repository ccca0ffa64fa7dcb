#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
struct CrossEntropyRule : Rule<CrossEntropyRule, CrossEntropyOp> {
  static LogicalResult derive(CrossEntropyOp op, Gradients &g) {
    if (op.getWeights() && g.needs(2))
      return op.emitOpError("has no derivative by its weights, but a parameter "
                            "reaches the loss through them; leave it out of "
                            "training with --trainable");
    g.set(0, g.make<CrossEntropyGradOp>(
                 op.getLogits().getType(), g.of(), op.getLogits(),
                 op.getLabels(), op.getWeights(), op.getClassAxisAttr(),
                 op.getIgnoreIndexAttr(), op.getLabelSmoothingAttr()));
    return success();
  }
};

// Losses of the difference alone are symmetric but for the sign, so the
// target's gradient is that of the swapped loss; bce_logits is linear in its
// target: d/dt = -p.
struct PointwiseLossRule : Rule<PointwiseLossRule, PointwiseLossOp> {
  static LogicalResult derive(PointwiseLossOp op, Gradients &g) {
    Value prediction = op.getPrediction(), target = op.getTarget();
    if (g.needs(0))
      g.set(0,
            g.make<PointwiseLossGradOp>(prediction.getType(), op.getKindAttr(),
                                        g.of(), prediction, target));
    if (!g.needs(1))
      return success();
    if (op.getKind() == PointwiseLoss::BceLogits) {
      double count = double(elementCount(shapeOf(target)));
      Value factor = g.make<DivOp>(g.of(), g.scalar(-count, g.of()));
      g.set(1, g.make<MulOp>(prediction, factor));
      return success();
    }
    g.set(1, g.make<PointwiseLossGradOp>(target.getType(), op.getKindAttr(),
                                         g.of(), target, prediction));
    return success();
  }
};
} // namespace

void rules::attachLosses(MLIRContext &context) {
  CrossEntropyRule::attach(context);
  PointwiseLossRule::attach(context);
}
