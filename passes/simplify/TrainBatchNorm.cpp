#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/simplify/Simplification.h"

using namespace mlir;
using namespace mpc;

namespace mpc {
#define GEN_PASS_DEF_TRAINBATCHNORMPASS
#include "passes/simplify/Passes.h.inc"
} // namespace mpc

namespace {
struct TrainBatchNormPass
    : mpc::impl::TrainBatchNormPassBase<TrainBatchNormPass> {
  using Base::Base;
  void runOnOperation() override {
    SmallVector<BatchNormalizationInferenceOp> norms;
    getOperation()->walk(
        [&](BatchNormalizationInferenceOp op) { norms.push_back(op); });
    if (failed(checkUndecided(getOperation())) ||
        llvm::any_of(norms, [&](auto norm) { return failed(check(norm)); }))
      return signalPassFailure();
    for (BatchNormalizationInferenceOp norm : norms)
      replace(norm);
  }

private:
  // A step updates both statistics, so they belong to one node.
  LogicalResult check(BatchNormalizationInferenceOp norm) {
    for (Value statistic : {norm.getRunningMean(), norm.getRunningVar()}) {
      auto read = statistic.getDefiningOp<ReadOp>();
      auto state = read ? getOperation().lookupSymbol<StateOp>(read.getState())
                        : StateOp();
      if (!state || state.getRole() != StateRole::Statistic)
        return norm.emitOpError(
            "normalises by a statistic that is no state of the model; give "
            "the node running statistics of its own, or compile without "
            "--train-batchnorm");
      auto [owner, isNew] = owners.try_emplace(state, norm);
      if (!isNew || !read->hasOneUse())
        return norm.emitOpError("shares the running statistic '")
               << state.getSymName()
               << "' with another node; export the model without merging equal "
                  "weights, or compile without --train-batchnorm";
    }
    return success();
  }

  void replace(BatchNormalizationInferenceOp norm) {
    if (report)
      norm->emitRemark("trains with the statistics of each batch");
    OpBuilder builder(norm);
    auto momentum = norm->getAttrOfType<FloatAttr>(momentumName);
    auto training = BatchNormalizationOp::create(
        builder, norm.getLoc(), norm.getInput(), norm.getScale(),
        norm.getBias(), norm.getRunningMean(), norm.getRunningVar(),
        norm.getEpsilon().convertToFloat(),
        momentum ? momentum.getValue().convertToFloat() : 0.9f);
    training.setNodeAttr(norm.getNodeAttr());
    training.setOpTypeAttr(norm.getOpTypeAttr());
    training.setDirectionAttr(norm.getDirectionAttr());
    norm.getOutput().replaceAllUsesWith(training.getOutput());
    norm.erase();
  }

  static constexpr StringLiteral momentumName = "mpc.momentum";
  llvm::DenseMap<Operation *, Operation *> owners;
};
} // namespace
