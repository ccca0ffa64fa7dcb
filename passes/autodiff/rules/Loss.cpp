#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
struct CrossEntropyRule : Rule<CrossEntropyRule, CrossEntropyOp> {
  static LogicalResult derive(CrossEntropyOp op, Gradients &g) {
    g.set(0, g.make<CrossEntropyGradOp>(op.getLogits().getType(), g.of(),
                                        op.getLogits(), op.getLabels(),
                                        op.getClassAxisAttr(),
                                        op.getIgnoreIndexAttr()));
    return success();
  }
};

// Symmetric but for the sign.
struct MseRule : Rule<MseRule, MseOp> {
  static LogicalResult derive(MseOp op, Gradients &g) {
    if (g.needs(0))
      g.set(0, g.make<MseGradOp>(op.getPrediction().getType(), g.of(),
                                 op.getPrediction(), op.getTarget()));
    if (g.needs(1))
      g.set(1, g.make<MseGradOp>(op.getTarget().getType(), g.of(),
                                 op.getTarget(), op.getPrediction()));
    return success();
  }
};
} // namespace

void rules::attachLosses(MLIRContext &context) {
  CrossEntropyRule::attach(context);
  MseRule::attach(context);
}
