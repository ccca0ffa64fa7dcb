#include "passes/optimizer/EvaluationForm.h"
#include "passes/optimizer/Passes.h"

using namespace mlir;

namespace mpc {
#define GEN_PASS_DEF_KEEPFORWARDPASS
#include "passes/optimizer/Passes.h.inc"
} // namespace mpc

namespace {
struct KeepForwardPass : mpc::impl::KeepForwardPassBase<KeepForwardPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto forward = module.lookupSymbol<func::FuncOp>(mpc::forwardName);
    if (!forward || module.lookupSymbol(mpc::trainStepName)) {
      module.emitError("needs @forward and no @train_step; a program that "
                       "trains takes mpc-add-optimizer");
      return signalPassFailure();
    }
    mpc::takeEvaluationForm(forward);
    mpc::addDerive(module);
  }
};
} // namespace
