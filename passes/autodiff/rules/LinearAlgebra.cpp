#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
// Y = alpha A' B' + beta C:
//   dA' = alpha dY B'^T, dB' = alpha A'^T dY, dC = beta dY.
// For a transposed operand the product is built the other way round, so that
// the gradient comes out in the operand's own layout.
struct GemmRule : Rule<GemmRule, GemmOp> {
  static LogicalResult derive(GemmOp op, Gradients &g) {
    Value a = op.getA(), b = op.getB(), dy = g.of();
    bool ta = op.getTransA(), tb = op.getTransB();
    float alpha = op.getAlpha().convertToFloat();
    auto product = [&](Value left, Value right, bool transLeft,
                       bool transRight) {
      return g.make<GemmOp>(left, right, Value(), transLeft, transRight, alpha);
    };
    if (g.needs(0))
      g.set(0, ta ? product(b, dy, tb, true) : product(dy, b, false, !tb));
    if (g.needs(1))
      g.set(1, tb ? product(dy, a, true, ta) : product(a, dy, !ta, false));
    if (op.getC() && g.needs(2)) {
      float beta = op.getBeta().convertToFloat();
      g.set(2, beta == 1.0f ? dy : g.make<MulOp>(dy, g.scalar(beta, dy)));
    }
    return success();
  }
};

// The same for each matrix of a batch, without alpha and C.
struct BatchMatmulRule : Rule<BatchMatmulRule, BatchMatmulOp> {
  static LogicalResult derive(BatchMatmulOp op, Gradients &g) {
    Value a = op.getA(), b = op.getB(), dy = g.of();
    bool ta = op.getTransA(), tb = op.getTransB();
    if (g.needs(0))
      g.set(0, ta ? g.make<BatchMatmulOp>(b, dy, tb, true)
                  : g.make<BatchMatmulOp>(dy, b, false, !tb));
    if (g.needs(1))
      g.set(1, tb ? g.make<BatchMatmulOp>(dy, a, true, ta)
                  : g.make<BatchMatmulOp>(a, dy, !ta, false));
    return success();
  }
};
} // namespace

void rules::attachLinearAlgebra(MLIRContext &context) {
  GemmRule::attach(context);
  BatchMatmulRule::attach(context);
}
