// PyTorch exports attention with a guard: rows that are masked out whole have a
// softmax of NaN, which the guard makes 0.
#include "mlir/IR/Matchers.h"
#include "passes/simplify/Simplification.h"

using namespace mlir;
using namespace mpc;

// Whether every element of a constant is a finite number.
static bool isFinite(DenseElementsAttr constant) {
  if (!isa<FloatType>(constant.getElementType()))
    return true;
  if (constant.isSplat())
    return constant.getSplatValue<APFloat>().isFinite();
  return llvm::all_of(constant.getValues<APFloat>(),
                      [](const APFloat &number) { return number.isFinite(); });
}

// Whether scores are finite unless the computation of the model overflows:
// nothing that is added to them or selected for them can be an infinity of the
// model's own. An input or a weight may hold anything; other ops than those
// that masks are made of give scores.
static bool hasNoInfiniteMask(Value scores) {
  DenseElementsAttr constant;
  if (matchPattern(scores, m_Constant(&constant)))
    return isFinite(constant);
  Operation *op = scores.getDefiningOp();
  if (!op || isa<ReadOp>(op))
    return false;
  if (!isa<AddOp, SubOp, SelectOp, CastOp>(op) &&
      !op->hasTrait<trait::MovesElements>())
    return true;
  return llvm::all_of(op->getOperands(), [](Value operand) {
    return !isa<FloatType>(elementTypeOf(operand)) ||
           hasNoInfiniteMask(operand);
  });
}

namespace {
// select(is_nan(s), 0, s) with s = softmax(x) is s: a softmax of finite numbers
// is never NaN. Where x has an infinite mask, a row of it may be masked whole,
// and the guard does its work.
struct RemoveNanGuard : Simplification<SelectOp> {
  using Simplification::Simplification;
  LogicalResult matchAndRewrite(SelectOp op,
                                PatternRewriter &rewriter) const override {
    auto test = op.getCondition().getDefiningOp<IsNanOp>();
    auto softmax = op.getRhs().getDefiningOp<SoftmaxOp>();
    if (!test || !softmax || test.getInput() != softmax.getResult() ||
        splatNumber(op.getLhs()) != 0.0 || op.getType() != softmax.getType())
      return rewriter.notifyMatchFailure(op, "guards no softmax");
    if (!hasNoInfiniteMask(softmax.getInput()))
      return rewriter.notifyMatchFailure(op, "its rows may be masked whole");
    say(op, "removed: the softmax of finite numbers is never NaN");
    mergeNames(test, softmax, rewriter);
    mergeNames(op, softmax, rewriter);
    rewriter.replaceOp(op, softmax.getResult());
    return success();
  }
};
} // namespace

void mpc::addNanGuardPatterns(RewritePatternSet &patterns, bool report) {
  patterns.add<RemoveNanGuard>(patterns.getContext(), report);
}
