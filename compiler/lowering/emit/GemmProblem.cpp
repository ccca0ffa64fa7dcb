#include "compiler/lowering/emit/GemmProblem.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mpc;

GemmProblem::GemmProblem(Operation *root) {
  if (auto op = dyn_cast<GemmOp>(root)) {
    c = op.getC();
    alpha = op.getAlpha().convertToFloat();
    beta = op.getBeta().convertToFloat();
    read(op);
  } else {
    read(cast<BatchMatmulOp>(root));
  }
}

template <typename Op> void GemmProblem::read(Op op) {
  a = op.getA();
  b = op.getB();
  result = op.getResult();
  transA = op.getTransA();
  transB = op.getTransB();
  ArrayRef<int64_t> shape = shapeOf(result);
  batches = elementCount(shape.drop_back(2));
  m = shape.drop_back().back();
  n = shape.back();
  k = shapeOf(a).drop_back(transA ? 1 : 0).back();
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
