#include "passes/simplify/Simplification.h"

using namespace mlir;
using namespace mpc;

namespace mpc {
#define GEN_PASS_DEF_RECOVEROPSPASS
#include "passes/simplify/Passes.h.inc"
} // namespace mpc

namespace {
struct RecoverOpsPass : mpc::impl::RecoverOpsPassBase<RecoverOpsPass> {
  using Base::Base;
  void runOnOperation() override {
    if (failed(checkUndecided(getOperation())))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    addNormalizationPatterns(patterns, report);
    addActivationPatterns(patterns, report);
    addNanGuardPatterns(patterns, report);
    if (failed(simplify(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
