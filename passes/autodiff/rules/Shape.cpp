// Derivatives of ops that move elements, and of their transposes, reductions.
#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
struct ReshapeRule : Rule<ReshapeRule, ReshapeOp> {
  static LogicalResult derive(ReshapeOp op, Gradients &g) {
    g.set(0, g.make<ReshapeOp>(g.of(), shapeOf(op.getInput())));
    return success();
  }
};

// The inverse permutation.
struct TransposeRule : Rule<TransposeRule, TransposeOp> {
  static LogicalResult derive(TransposeOp op, Gradients &g) {
    SmallVector<int64_t> inverse(op.getPerm().size());
    for (auto [to, from] : llvm::enumerate(op.getPerm()))
      inverse[from] = to;
    g.set(0, g.make<TransposeOp>(g.of(), inverse));
    return success();
  }
};

// Repeated elements collect the sum of their gradients.
struct BroadcastRule : Rule<BroadcastRule, BroadcastOp> {
  static LogicalResult derive(BroadcastOp, Gradients &g) {
    g.set(0, g.of());
    return success();
  }
};

// Every element of a sum has the sum's gradient.
struct ReduceSumRule : Rule<ReduceSumRule, ReduceSumOp> {
  static LogicalResult derive(ReduceSumOp op, Gradients &g) {
    ArrayRef<int64_t> shape = shapeOf(op.getInput());
    Shape kept = reducedShape(shape, op.getAxes(), /*keepDims=*/true);
    Value gradient = g.of();
    if (shapeOf(gradient) != ArrayRef<int64_t>(kept))
      gradient = g.make<ReshapeOp>(gradient, kept);
    g.set(0, g.make<BroadcastOp>(gradient, shape));
    return success();
  }
};
} // namespace

void rules::attachShape(MLIRContext &context) {
  ReshapeRule::attach(context);
  TransposeRule::attach(context);
  BroadcastRule::attach(context);
  ReduceSumRule::attach(context);
}
