#include "frontend/rules/Decomposition.h"

using namespace mlir;

namespace mpc::frontend {

Value Decomposition::reshape(Value x, ArrayRef<int64_t> shape) {
  return shapeOf(x) == shape ? x : make<ReshapeOp>(x, shape);
}

Value Decomposition::cast(Value x, Type element) {
  if (elementTypeOf(x) == element)
    return x;
  return make<CastOp>(RankedTensorType::get(shapeOf(x), element), x);
}

Value Decomposition::select(Value condition, Value x, Value y) {
  auto shape = broadcastShapes(shapeOf(x), shapeOf(y));
  shape = broadcastShapes(*shape, shapeOf(condition));
  return make<SelectOp>(typeLike(x, *shape), condition, x, y);
}

Value Decomposition::number(double value, Value like) {
  RankedTensorType type = typeLike(like, {});
  Type element = type.getElementType();
  mlir::Attribute attribute;
  if (isa<FloatType>(element))
    attribute = node.builder.getFloatAttr(element, value);
  else
    attribute = node.builder.getIntegerAttr(element, int64_t(value));
  return make<ConstantOp>(DenseElementsAttr::get(type, attribute));
}

Value Decomposition::count(ArrayRef<int64_t> shape, Type element) {
  SmallVector<mlir::Attribute> values;
  for (int64_t i = 0; i < elementCount(shape); ++i)
    values.push_back(node.builder.getIntegerAttr(element, i));
  auto type = RankedTensorType::get(shape, element);
  return make<ConstantOp>(DenseElementsAttr::get(type, values));
}

Value Decomposition::perChannel(Value vector, int64_t rank) {
  Shape shape(shapeOf(vector));
  shape.resize(size_t(std::max<int64_t>(rank - 1, 1)), 1);
  return reshape(vector, shape);
}

} // namespace mpc::frontend
