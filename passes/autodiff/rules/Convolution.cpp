#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
// Convolution is linear in its input, in its weight and in its bias.
struct ConvRule : Rule<ConvRule, ConvOp> {
  static LogicalResult derive(ConvOp op, Gradients &g) {
    if (g.needs(0))
      g.set(0, g.make<ConvInputGradOp>(op.getInput().getType(), g.of(),
                                       op.getWeight(), op.getStridesAttr(),
                                       op.getPadsAttr(), op.getDilationsAttr(),
                                       op.getGroupsAttr()));
    if (g.needs(1))
      g.set(1, g.make<ConvWeightGradOp>(op.getWeight().getType(), g.of(),
                                        op.getInput(), op.getStridesAttr(),
                                        op.getPadsAttr(), op.getDilationsAttr(),
                                        op.getGroupsAttr()));
    if (op.getBias() && g.needs(2))
      g.set(2, g.make<ReduceSumOp>(g.of(), ArrayRef<int64_t>{0, 2, 3}));
    return success();
  }
};
} // namespace

void rules::attachConvolution(MLIRContext &context) {
  ConvRule::attach(context);
}
