#include "compiler/analysis/Target.h"
#include "passes/layout/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_SETTARGETPASS
#include "passes/layout/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

namespace {
struct SetTarget : mpc::impl::SetTargetPassBase<SetTarget> {
  using Base::Base;

  void runOnOperation() override {
    if (!targetFromName(target)) {
      getOperation().emitError("'") << target
                                    << "' is no target; expected cpu, sm_90a, "
                                       "sm_80 or ptx";
      return signalPassFailure();
    }
    getOperation()->setAttr(targetAttrName,
                            StringAttr::get(&getContext(), target));
  }
};
} // namespace
