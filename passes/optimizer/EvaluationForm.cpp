#include "passes/optimizer/EvaluationForm.h"

using namespace mlir;

void mpc::takeEvaluationForm(func::FuncOp forward) {
  SmallVector<TrainingFormOpInterface> ops;
  forward.walk([&](TrainingFormOpInterface op) { ops.push_back(op); });
  IRRewriter rewriter(forward.getContext());
  for (TrainingFormOpInterface op : ops)
    op.replaceByEvaluationForm(rewriter);
}

void mpc::addDerive(ModuleOp module) {
  OpBuilder builder(module.getBody(), module.getBody()->end());
  auto derive = func::FuncOp::create(builder, module.getLoc(), deriveName,
                                     builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(derive.addEntryBlock());
  ArrayAttr none = builder.getArrayAttr({});
  CommitOp::create(builder, module.getLoc(), Value(), none, ValueRange(), none,
                   ValueRange(), none, ValueRange());
}
