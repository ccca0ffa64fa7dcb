// The patterns: each op becomes the function of its name.
#include "compiler/lowering/ScalarOps.h"
#include "compiler/lowering/math/FloatMath.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mpc;

namespace {
template <typename Op, auto expand> struct Expand : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "is not on f32");
    FloatMath m(rewriter, op.getLoc(), lanesOf(op.getResult()));
    if constexpr (std::is_same_v<Op, math::PowFOp>)
      rewriter.replaceOp(op, expand(m, op.getLhs(), op.getRhs()));
    else
      rewriter.replaceOp(op, expand(m, op.getOperand()));
    return success();
  }
};
} // namespace

void mpc::populateExpandMathPatterns(RewritePatternSet &patterns) {
  patterns.add<
      Expand<math::ExpOp, expandExp>, Expand<math::ExpM1Op, expandExpM1>,
      Expand<math::SinhOp, expandSinh>, Expand<math::CoshOp, expandCosh>,
      Expand<math::TanhOp, expandTanh>, Expand<math::LogOp, expandLog>,
      Expand<math::AsinhOp, expandAsinh>, Expand<math::AcoshOp, expandAcosh>,
      Expand<math::AtanhOp, expandAtanh>, Expand<math::SinOp, expandSin>,
      Expand<math::CosOp, expandCos>, Expand<math::TanOp, expandTan>,
      Expand<math::AsinOp, expandAsin>, Expand<math::AcosOp, expandAcos>,
      Expand<math::AtanOp, expandAtan>, Expand<math::ErfOp, expandErf>,
      Expand<math::PowFOp, expandPow>>(patterns.getContext());
}
