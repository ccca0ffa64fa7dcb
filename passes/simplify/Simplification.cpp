#include "passes/simplify/Simplification.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace mpc;

void mpc::mergeNames(Operation *from, Operation *to,
                     PatternRewriter &rewriter) {
  auto source = dyn_cast<NodeOpInterface>(from);
  auto target = dyn_cast<NodeOpInterface>(to);
  if (!source || !target || !source.getNodeAttr())
    return;
  llvm::SmallSetVector<Attribute, 4> names;
  if (ArrayAttr old = target.getNodeAttr())
    names.insert_range(old);
  names.insert_range(source.getNodeAttr());
  rewriter.modifyOpInPlace(target, [&] {
    target.setNodeAttr(rewriter.getArrayAttr(names.getArrayRef()));
  });
}

void mpc::takeOver(const Matched &from, Operation *made, StringRef opType,
                   PatternRewriter &rewriter) {
  SmallVector<Operation *> ops(from.begin(), from.end());
  llvm::sort(ops,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  for (Operation *op : ops)
    if (!isa<ReadOp, ConstantOp>(op))
      mergeNames(op, made, rewriter);
  auto target = cast<NodeOpInterface>(made);
  auto root = cast<NodeOpInterface>(ops.back());
  rewriter.modifyOpInPlace(made, [&] {
    target.setOpTypeAttr(rewriter.getStringAttr(opType));
    target.setDirectionAttr(root.getDirectionAttr());
  });
}

LogicalResult mpc::checkUndecided(ModuleOp module) {
  WalkResult result = module->walk([](NodeOpInterface op) {
    if (!op.getPrecisionAttr())
      return WalkResult::advance();
    op->emitOpError("has a precision decision already; simplify before "
                    "mpc-assign-precision");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult mpc::simplify(ModuleOp module, RewritePatternSet &&patterns) {
  // Folders would drop node names.
  GreedyRewriteConfig config;
  config.enableFolding(false).enableConstantCSE(false);
  return applyPatternsGreedily(module, std::move(patterns), config);
}

std::optional<double> mpc::splatNumber(Value value) {
  DenseElementsAttr constant;
  if (!matchPattern(value, m_Constant(&constant)) || !constant.isSplat() ||
      !isa<FloatType>(constant.getElementType()))
    return std::nullopt;
  APFloat number = constant.getSplatValue<APFloat>();
  bool inexact = false;
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &inexact);
  return number.convertToDouble();
}
