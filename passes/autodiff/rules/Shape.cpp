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

// What a slice leaves out has the gradient 0.
struct SliceRule : Rule<SliceRule, SliceOp> {
  static LogicalResult derive(SliceOp op, Gradients &g) {
    g.set(0, g.make<PadOp>(g.of(), op.getStarts(), op.getSteps(),
                           shapeOf(op.getInput())));
    return success();
  }
};

// What a pad adds is constant.
struct PadRule : Rule<PadRule, PadOp> {
  static LogicalResult derive(PadOp op, Gradients &g) {
    g.set(0, g.make<SliceOp>(g.of(), op.getStarts(), op.getSteps(),
                             shapeOf(op.getInput())));
    return success();
  }
};

// Each operand has its part of the gradient.
struct ConcatRule : Rule<ConcatRule, ConcatOp> {
  static LogicalResult derive(ConcatOp op, Gradients &g) {
    SmallVector<int64_t> starts(shapeOf(op.getResult()).size(), 0);
    SmallVector<int64_t> steps(starts.size(), 1);
    for (auto [i, input] : llvm::enumerate(op.getInputs())) {
      if (g.needs(unsigned(i)))
        g.set(unsigned(i),
              g.make<SliceOp>(g.of(), starts, steps, shapeOf(input)));
      starts[op.getAxis()] += shapeOf(input)[op.getAxis()];
    }
    return success();
  }
};
} // namespace

void rules::attachShape(MLIRContext &context) {
  ReshapeRule::attach(context);
  TransposeRule::attach(context);
  BroadcastRule::attach(context);
  SliceRule::attach(context);
  PadRule::attach(context);
  ConcatRule::attach(context);
}
