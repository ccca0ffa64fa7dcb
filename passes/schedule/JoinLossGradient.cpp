#include "compiler/analysis/Fusibility.h"
#include "passes/schedule/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_JOINLOSSGRADIENTPASS
#include "passes/schedule/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

// A launch more is about 1.5 us, in which a GPU reads 6 MB, or twice that where
// its cache still has them.
static constexpr int64_t leastBytes = 16 << 20;

static bool isLarge(Value logits) {
  int64_t bits = elementTypeOf(logits).getIntOrFloatBitWidth();
  return elementCount(shapeOf(logits)) * bits / 8 >= leastBytes;
}

static bool areOfTheSame(CrossEntropyOp loss, CrossEntropyGradOp gradient) {
  return loss.getLogits() == gradient.getLogits() &&
         loss.getLabels() == gradient.getLabels() &&
         loss.getWeights() == gradient.getWeights() &&
         loss.getClassAxis() == gradient.getClassAxis() &&
         loss.getIgnoreIndex() == gradient.getIgnoreIndex() &&
         loss.getLabelSmoothing() == gradient.getLabelSmoothing();
}

static void join(CrossEntropyOp loss, CrossEntropyGradOp gradient) {
  OpBuilder b(gradient);
  auto both = CrossEntropyAndGradOp::create(
      b, gradient.getLoc(), TypeRange{loss.getType(), gradient.getType()},
      gradient->getOperands(), gradient->getAttrs());
  both.removePrecisionAttr();
  loss.getLoss().replaceAllUsesWith(both.getLoss());
  gradient.getResult().replaceAllUsesWith(both.getResult());
  loss.erase();
  gradient.erase();
}

namespace {
struct JoinLossGradient
    : mpc::impl::JoinLossGradientPassBase<JoinLossGradient> {
  using Base::Base;

  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    Block &block = getOperation().front();
    for (auto loss : llvm::make_early_inc_range(block.getOps<CrossEntropyOp>()))
      for (auto gradient : block.getOps<CrossEntropyGradOp>())
        if (isLarge(loss.getLogits()) && areOfTheSame(loss, gradient) &&
            isReadBehind(loss, gradient)) {
          join(loss, gradient);
          break;
        }
  }
};
} // namespace
