#include "passes/simplify/ConstantFolding.h"
#include "passes/simplify/Simplification.h"

using namespace mlir;
using namespace mpc;

namespace mpc {
#define GEN_PASS_DEF_SIMPLIFYPASS
#include "passes/simplify/Passes.h.inc"
} // namespace mpc

namespace {
// reshape(x : T) : T is x; reshape(reshape(x)) is one reshape of x.
struct SimplifyReshape : Simplification<ReshapeOp> {
  using Simplification::Simplification;
  LogicalResult matchAndRewrite(ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getInput().getType() == op.getType())
      return replaceByOperand(op, op.getInput(), rewriter);
    auto inner = op.getInput().getDefiningOp<ReshapeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "input is not a reshape");
    say(op, "joined with the reshape before it");
    mergeNames(inner, op, rewriter);
    rewriter.modifyOpInPlace(
        op, [&] { op.getInputMutable().assign(inner.getInput()); });
    return success();
  }
};

// transpose(transpose(x, p), q) is transpose(x, p o q).
struct SimplifyTranspose : Simplification<TransposeOp> {
  using Simplification::Simplification;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    if (llvm::is_sorted(op.getPerm()))
      return replaceByOperand(op, op.getInput(), rewriter);
    auto inner = op.getInput().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "input is not a transpose");
    say(op, "joined with the transpose before it");
    mergeNames(inner, op, rewriter);
    SmallVector<int64_t> perm;
    for (int64_t dim : op.getPerm())
      perm.push_back(inner.getPerm()[dim]);
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(inner.getInput());
      op.setPerm(perm);
    });
    return success();
  }
};

// broadcast(x : T) : T is x.
struct SimplifyBroadcast : Simplification<BroadcastOp> {
  using Simplification::Simplification;
  LogicalResult matchAndRewrite(BroadcastOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getInput().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "repeats elements");
    return replaceByOperand(op, op.getInput(), rewriter);
  }
};

// x * 1 and x / 1 are x, to the bit.
template <typename Op> struct RemoveFactorOne : Simplification<Op> {
  using Simplification<Op>::Simplification;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (op.getLhs().getType() != op.getType() ||
        splatNumber(op.getRhs()) != 1.0)
      return rewriter.notifyMatchFailure(op, "the right operand is not 1");
    return this->replaceByOperand(op, op.getLhs(), rewriter);
  }
};

// An op of small constants is a constant.
struct FoldConstants : RewritePattern {
  FoldConstants(MLIRContext *context, bool report)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context), report(report) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    DenseElementsAttr value = foldToConstant(op);
    if (!value)
      return rewriter.notifyMatchFailure(op, "not a small constant");
    if (report)
      op->emitRemark("computed at compile time");
    auto node = cast<NodeOpInterface>(op);
    auto constant = ConstantOp::create(
        rewriter, op->getLoc(), value.getType(), value, node.getNodeAttr(),
        node.getOpTypeAttr(), node.getDirectionAttr());
    rewriter.replaceOp(op, constant);
    return success();
  }
  bool report;
};

// A tensor without elements is a constant, whatever computes it.
struct FoldEmpty : RewritePattern {
  FoldEmpty(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    auto node = dyn_cast<NodeOpInterface>(op);
    if (!node || isa<ConstantOp, ReadOp>(op) || op->getNumResults() != 1 ||
        !isMemoryEffectFree(op) || elementCount(shapeOf(op->getResult(0))) != 0)
      return rewriter.notifyMatchFailure(op, "has elements");
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    auto constant = ConstantOp::create(
        rewriter, op->getLoc(), type,
        DenseElementsAttr::get(type, ArrayRef<Attribute>()), node.getNodeAttr(),
        node.getOpTypeAttr(), node.getDirectionAttr());
    rewriter.replaceOp(op, constant);
    return success();
  }
};

struct SimplifyPass : mpc::impl::SimplifyPassBase<SimplifyPass> {
  using Base::Base;
  void runOnOperation() override {
    if (failed(checkUndecided(getOperation())))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    patterns.add<SimplifyReshape, SimplifyTranspose, SimplifyBroadcast,
                 RemoveFactorOne<MulOp>, RemoveFactorOne<DivOp>, FoldConstants>(
        &getContext(), report);
    patterns.add<FoldEmpty>(&getContext());
    addProductPatterns(patterns, report);
    if (failed(simplify(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
