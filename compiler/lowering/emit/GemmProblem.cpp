#include "compiler/lowering/emit/GemmProblem.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mpc;

GemmProblem::GemmProblem(Operation *root) {
  auto op = cast<MatrixProductOpInterface>(root);
  static_cast<GemmExtents &>(*this) = op.getExtents();
  a = op.getA();
  b = op.getB();
  c = op.getAddend();
  result = root->getResult(0);
  transA = op.getTransA();
  transB = op.getTransB();
  alpha = op.getFactor();
  beta = op.getAddendFactor();
}

SmallVector<Value> GemmProblem::indices(Value of, Value batch, Value row,
                                        Value column) const {
  if (shapeOf(of).size() < 3)
    return {row, column};
  return {batch, row, column};
}

Value GemmProblem::scaled(ImplicitLocOpBuilder &builder,
                          ElementAccess &elements, Value sum, Value row,
                          Value column, int64_t lanes) const {
  Value added;
  if (c)
    added = elements.load(builder, builder.getLoc(), c, {row, column}, lanes);
  return scaled(builder, sum, added);
}

Value GemmProblem::scaled(ImplicitLocOpBuilder &builder, Value sum,
                          Value added) const {
  auto constant = [&](float value) {
    return f32Constant(builder, builder.getLoc(), value, lanesOf(sum));
  };
  if (alpha != 1)
    sum = arith::MulFOp::create(builder, sum, constant(alpha));
  if (!added)
    return sum;
  if (beta == 1)
    return arith::AddFOp::create(builder, sum, added);
  return math::FmaOp::create(builder, constant(beta), added, sum);
}
