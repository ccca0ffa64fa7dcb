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

// As a transposed convolution, y = conv_input_grad(x, w) is the transpose of
// conv by its input: <dy, y> = <conv(dy, w), x>, which is linear in x and w.
struct ConvInputGradRule : Rule<ConvInputGradRule, ConvInputGradOp> {
  static LogicalResult derive(ConvInputGradOp op, Gradients &g) {
    if (g.needs(0))
      g.set(0, g.make<ConvOp>(g.of(), op.getWeight(), Value(), op.getStrides(),
                              op.getPads(), op.getDilations(),
                              int64_t(op.getGroups())));
    if (g.needs(1))
      g.set(1, g.make<ConvWeightGradOp>(
                   op.getWeight().getType(), op.getGradient(), g.of(),
                   op.getStridesAttr(), op.getPadsAttr(), op.getDilationsAttr(),
                   op.getGroupsAttr()));
    return success();
  }
};
} // namespace

void rules::attachConvolution(MLIRContext &context) {
  ConvRule::attach(context);
  ConvInputGradRule::attach(context);
}
