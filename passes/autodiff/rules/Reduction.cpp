#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

// `value`, which `op` gives, with 1 in place of the reduced axes.
template <typename Op> static Value keepDims(Op op, Value value, Gradients &g) {
  Shape kept =
      reducedShape(shapeOf(op.getInput()), op.getAxes(), /*keepDims=*/true);
  if (shapeOf(value) == ArrayRef<int64_t>(kept))
    return value;
  return g.make<ReshapeOp>(value, kept);
}

namespace {
// Every element of a sum has the sum's gradient.
struct ReduceSumRule : Rule<ReduceSumRule, ReduceSumOp> {
  static LogicalResult derive(ReduceSumOp op, Gradients &g) {
    g.set(0,
          g.make<BroadcastOp>(keepDims(op, g.of(), g), shapeOf(op.getInput())));
    return success();
  }
};

struct ReduceMeanRule : Rule<ReduceMeanRule, ReduceMeanOp> {
  static LogicalResult derive(ReduceMeanOp op, Gradients &g) {
    double count = 1;
    for (int64_t axis : op.getAxes())
      count *= shapeOf(op.getInput())[axis];
    Value share = g.make<DivOp>(g.of(), g.scalar(count, g.of()));
    g.set(0,
          g.make<BroadcastOp>(keepDims(op, share, g), shapeOf(op.getInput())));
    return success();
  }
};

// The elements that are the extreme one share its gradient equally (PyTorch,
// amax): where(x == m, dm / number of such x, 0). The number is 1 or more but
// where x is NaN, and then nothing is selected.
template <typename Op>
struct ReduceExtremeRule : Rule<ReduceExtremeRule<Op>, Op> {
  static LogicalResult derive(Op op, Gradients &g) {
    Value x = op.getInput();
    Value hit = g.make<CompareOp>(ComparePredicate::Equal, x,
                                  keepDims(op, op.getResult(), g));
    Value zero = g.scalar(0, g.of()), one = g.scalar(1, g.of());
    Type type = RankedTensorType::get(shapeOf(x), elementTypeOf(g.of()));
    Value hits = g.make<SelectOp>(type, hit, one, zero);
    Value count = g.make<ReduceSumOp>(hits, op.getAxes(), /*keepDims=*/true);
    Value share = g.make<DivOp>(keepDims(op, g.of(), g), count);
    g.set(0, g.make<SelectOp>(type, hit, share, zero));
    return success();
  }
};
} // namespace

void rules::attachReduction(MLIRContext &context) {
  ReduceSumRule::attach(context);
  ReduceMeanRule::attach(context);
  ReduceExtremeRule<ReduceMaxOp>::attach(context);
  ReduceExtremeRule<ReduceMinOp>::attach(context);
}
