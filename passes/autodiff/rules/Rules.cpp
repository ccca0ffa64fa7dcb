#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

// The transpose of broadcasting: sums what was repeated.
static Value sumToShape(Gradients &g, Value gradient, ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> from = shapeOf(gradient);
  if (from == shape)
    return gradient;
  int64_t leading = from.size() - shape.size();
  SmallVector<int64_t> axes;
  for (int64_t i = 0; i < static_cast<int64_t>(from.size()); ++i)
    if (i < leading || (shape[i - leading] == 1 && from[i] != 1))
      axes.push_back(i);
  Value sum = g.make<ReduceSumOp>(gradient, axes);
  return shapeOf(sum) == shape ? sum : g.make<ReshapeOp>(sum, shape);
}

void Gradients::set(unsigned operand, Value gradient) {
  if (!needs(operand))
    return;
  Value value = op->getOperand(operand);
  gradient = sumToShape(*this, gradient, shapeOf(value));
  if (elementTypeOf(gradient) != elementTypeOf(value))
    gradient = make<CastOp>(value.getType(), gradient);
  ofOperands[operand] = gradient;
}

Value Gradients::scalar(double value, Value like) {
  RankedTensorType type = typeLike(like, {});
  return make<ConstantOp>(DenseElementsAttr::get(
      type, builder.getFloatAttr(type.getElementType(), value)));
}
