// Derivatives of functions of one float.
#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
// d f(x) = f'(x) dx; nothing where f' is 0.
struct UnaryRule : Rule<UnaryRule, UnaryOp> {
  static LogicalResult derive(UnaryOp op, Gradients &g) {
    UnaryFunction function = op.getFunction();
    if (hasZeroDerivative(function))
      return success();
    Value saved =
        derivativeReadsResult(function) ? op.getResult() : op.getInput();
    g.set(0, g.make<UnaryGradOp>(function, g.of(), saved,
                                 op.getAlpha().convertToFloat(),
                                 op.getBeta().convertToFloat()));
    return success();
  }
};
} // namespace

void rules::attachUnary(MLIRContext &context) { UnaryRule::attach(context); }
