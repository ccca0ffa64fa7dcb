#include "compiler/analysis/Providers.h"
#include "compiler/analysis/Target.h"
#include "passes/schedule/Passes.h"

namespace mpc {
#define GEN_PASS_DEF_CHOOSEPROVIDERSPASS
#include "passes/schedule/Passes.h.inc"
} // namespace mpc

using namespace mlir;
using namespace mpc;

namespace {
struct ChooseProviders : mpc::impl::ChooseProvidersPassBase<ChooseProviders> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto parsed = ProviderRules::parse(std::vector<std::string>(rules));
    if (!parsed) {
      module.emitError() << llvm::toString(parsed.takeError());
      return signalPassFailure();
    }
    if (checkOnly ? failed(check(*parsed)) : failed(choose(*parsed)))
      signalPassFailure();
  }

private:
  template <typename Fn> void forEachOp(Fn fn) {
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (Operation &op : function.getOps())
        fn(&op);
  }

  LogicalResult check(ProviderRules &chosen) {
    forEachOp([&](Operation *op) { (void)chosen.of(op); });
    for (const std::string &sentence : chosen.unmatched())
      emitWarning(getOperation().getLoc()) << sentence;
    std::vector<std::string> wrong = chosen.unsuitable();
    for (const std::string &sentence : wrong)
      emitError(getOperation().getLoc()) << sentence;
    return success(wrong.empty());
  }

  // The CPU has no such library.
  LogicalResult choose(ProviderRules &chosen) {
    if (!targetOf(getOperation()).isGpu())
      return success();
    forEachOp([&](Operation *op) {
      const Provider *provider = chosen.of(op);
      if (!provider || !provider->isItsKind(op))
        return;
      if (provider->hasForm(op))
        op->setAttr(providerAttrName,
                    StringAttr::get(&getContext(), provider->name));
      else
        emitWarning(op->getLoc())
            << "stays generated: " << provider->name << " has no "
            << provider->computes << " of this form; it takes "
            << provider->form;
    });
    return success();
  }
};
} // namespace
