#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
// The same numbers again: the counter is the step's.
struct DropoutRule : Rule<DropoutRule, DropoutOp> {
  static LogicalResult derive(DropoutOp op, Gradients &g) {
    g.set(0, g.make<DropoutGradOp>(g.of(), op.getCounter(),
                                   op.getRatio().convertToFloat(),
                                   int64_t(op.getSeed())));
    return success();
  }
};
} // namespace

void rules::attachRandom(MLIRContext &context) { DropoutRule::attach(context); }
