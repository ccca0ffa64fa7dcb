#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
struct MaxPoolRule : Rule<MaxPoolRule, MaxPoolOp> {
  static LogicalResult derive(MaxPoolOp op, Gradients &g) {
    g.set(0,
          g.make<MaxPoolGradOp>(op.getInput().getType(), g.of(), op.getInput(),
                                op.getKernelAttr(), op.getStridesAttr(),
                                op.getPadsAttr(), op.getDilationsAttr()));
    return success();
  }
};

struct AveragePoolRule : Rule<AveragePoolRule, AveragePoolOp> {
  static LogicalResult derive(AveragePoolOp op, Gradients &g) {
    g.set(0, g.make<AveragePoolGradOp>(op.getInput().getType(), g.of(),
                                       op.getKernelAttr(), op.getStridesAttr(),
                                       op.getPadsAttr(), op.getDilationsAttr(),
                                       op.getCountIncludePadAttr()));
    return success();
  }
};
} // namespace

void rules::attachPooling(MLIRContext &context) {
  MaxPoolRule::attach(context);
  AveragePoolRule::attach(context);
}
