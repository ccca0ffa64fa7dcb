#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
template <typename Op, typename GradOp>
struct SoftmaxRule : Rule<SoftmaxRule<Op, GradOp>, Op> {
  static LogicalResult derive(Op op, Gradients &g) {
    g.set(0, g.make<GradOp>(g.of(), op.getResult(), int64_t(op.getAxis())));
    return success();
  }
};
} // namespace

void rules::attachSoftmax(MLIRContext &context) {
  SoftmaxRule<SoftmaxOp, SoftmaxGradOp>::attach(context);
  SoftmaxRule<LogSoftmaxOp, LogSoftmaxGradOp>::attach(context);
}
