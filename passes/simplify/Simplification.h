// What the patterns of this phase share: names, reports and the recognition of
// constants.
#ifndef MPC_PASSES_SIMPLIFY_SIMPLIFICATION_H
#define MPC_PASSES_SIMPLIFY_SIMPLIFICATION_H

#include "passes/simplify/Passes.h"
#include "llvm/ADT/SetVector.h"

namespace mpc {

/// Adds the node names of `from` to those of `to`, in order, once each.
void mergeNames(mlir::Operation *from, mlir::Operation *to,
                mlir::PatternRewriter &rewriter);

/// Fails, with an error on the op, if an op of `module` has a precision
/// decision: a rewritten op would lose it.
mlir::LogicalResult checkUndecided(mlir::ModuleOp module);

/// Applies the patterns to every op until none matches.
mlir::LogicalResult simplify(mlir::ModuleOp module,
                             mlir::RewritePatternSet &&patterns);

/// The number that every element of a float constant is, if `value` is one.
std::optional<double> splatNumber(mlir::Value value);

/// A pattern that can say what it did.
template <typename Op> struct Simplification : mlir::OpRewritePattern<Op> {
  Simplification(mlir::MLIRContext *context, bool report)
      : mlir::OpRewritePattern<Op>(context), report(report) {}

  void say(mlir::Operation *op, const llvm::Twine &what) const {
    if (report)
      op->emitRemark(what);
  }

  /// Replaces `op` by its operand. Its names go to the op that makes the
  /// operand, or, where that is no node of the model, to those that use it.
  llvm::LogicalResult replaceByOperand(Op op, mlir::Value operand,
                                       mlir::PatternRewriter &rewriter) const {
    say(op, "removed: it changes nothing");
    mlir::Operation *producer = operand.getDefiningOp();
    if (producer && !mlir::isa<ReadOp, ConstantOp>(producer))
      mergeNames(op, producer, rewriter);
    else
      for (mlir::Operation *user : llvm::make_early_inc_range(op->getUsers()))
        mergeNames(op, user, rewriter);
    rewriter.replaceOp(op, operand);
    return mlir::success();
  }

private:
  bool report;
};

/// The ops that a pattern has walked over, in the order of the walk, each once.
using Matched = llvm::SmallSetVector<mlir::Operation *, 8>;

/// Gives `made` the names of all that it does the work of, in the order of the
/// model, and `opType`, by which precision rules know it.
void takeOver(const Matched &from, mlir::Operation *made,
              llvm::StringRef opType, mlir::PatternRewriter &rewriter);

/// Gives products the biases and transposes around them, SimplifyProducts.cpp.
void addProductPatterns(mlir::RewritePatternSet &patterns, bool report);
/// Finds layer and RMS normalisation, RecoverNormalization.cpp.
void addNormalizationPatterns(mlir::RewritePatternSet &patterns, bool report);
/// Finds GELU, SiLU and Mish, RecoverActivations.cpp.
void addActivationPatterns(mlir::RewritePatternSet &patterns, bool report);
/// Removes the NaN guard of a softmax, RemoveNanGuard.cpp.
void addNanGuardPatterns(mlir::RewritePatternSet &patterns, bool report);

} // namespace mpc

#endif
