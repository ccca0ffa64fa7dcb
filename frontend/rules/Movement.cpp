#include "frontend/rules/Movement.h"
#include "frontend/model/OnnxTensor.h"

using namespace mlir;

namespace mpc::frontend {

LogicalResult checkShape(NodeImport &node, ArrayRef<int64_t> shape) {
  if (mpcrt::elementCount({shape.begin(), shape.end()}))
    return success();
  return node.invalid("its result would have shape " + shapeText(shape),
                      "check the shape, and the extents given by --shape");
}

LogicalResult checkTable(NodeImport &node, ArrayRef<int64_t> shape) {
  constexpr int64_t largest = int64_t(1) << 24;
  auto count = mpcrt::elementCount({shape.begin(), shape.end()});
  if (count && *count <= largest)
    return success();
  return node.unsupported("needs a table of shape " + shapeText(shape) +
                              ", which is too large to be made at compile time",
                          "use smaller tensors");
}

Value takePart(NodeImport &node, Value input, const Part &part) {
  bool all = ArrayRef<int64_t>(part.shape) == shapeOf(input) &&
             llvm::all_of(part.steps, [](int64_t step) { return step == 1; });
  if (all)
    return input;
  return SliceOp::create(node.builder, node.loc, input, part.starts, part.steps,
                         part.shape);
}

Value takeRange(NodeImport &node, Value input, int64_t axis, int64_t start,
                int64_t end) {
  Part part(shapeOf(input));
  part.starts[axis] = start;
  part.shape[axis] = end - start;
  return takePart(node, input, part);
}

Value reshaped(NodeImport &node, Value input, ArrayRef<int64_t> shape) {
  if (shapeOf(input) == shape)
    return input;
  return ReshapeOp::create(node.builder, node.loc, input, shape);
}

Value broadcastTo(NodeImport &node, Value input, ArrayRef<int64_t> shape) {
  if (shapeOf(input) == shape)
    return input;
  return BroadcastOp::create(node.builder, node.loc, input, shape);
}

Value indexConstant(NodeImport &node, ArrayRef<int64_t> values,
                    ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, node.builder.getI64Type());
  return ConstantOp::create(node.builder, node.loc,
                            DenseElementsAttr::get(type, values));
}

Value filled(NodeImport &node, Type element, ArrayRef<int64_t> shape,
             double value) {
  auto type = RankedTensorType::get(shape, element);
  mlir::Attribute number;
  if (isa<FloatType>(element))
    number = node.builder.getFloatAttr(element, value);
  else
    number = IntegerAttr::get(
        element, APInt(element.getIntOrFloatBitWidth(),
                       static_cast<uint64_t>(static_cast<int64_t>(value)),
                       /*isSigned=*/false, /*implicitTrunc=*/true));
  return ConstantOp::create(node.builder, node.loc,
                            DenseElementsAttr::get(type, number));
}

Value takeAlong(NodeImport &node, Value input, int64_t axis,
                ArrayRef<int64_t> indices) {
  int64_t extent = shapeOf(input)[axis];
  if (ArrayRef(llvm::to_vector(llvm::seq<int64_t>(0, extent))) == indices)
    return input;
  Shape shape(shapeOf(input));
  shape[axis] = static_cast<int64_t>(indices.size());
  if (elementCount(shape) == 0)
    return filled(node, elementTypeOf(input), shape, 0);
  Value constant = indexConstant(node, indices, {shape[axis]});
  return GatherOp::create(node.builder, node.loc, input, constant, axis);
}

Value indexOperand(NodeImport &node, unsigned index, int64_t extent) {
  Value indices = node.operand(index);
  if (!indices)
    return nullptr;
  Type element = elementTypeOf(indices);
  if (!element.isInteger(32) && !element.isInteger(64)) {
    (void)node.invalid("its indices are neither INT32 nor INT64");
    return nullptr;
  }
  if (extent == 0 && elementCount(shapeOf(indices)) > 0) {
    (void)node.invalid("takes elements of a dimension that has none");
    return nullptr;
  }
  if (const IntTensor *known = node.ints(index))
    for (int64_t at : known->values)
      if (at < -extent || at >= extent) {
        (void)node.invalid("index " + Twine(at) + " is outside extent " +
                           Twine(extent));
        return nullptr;
      }
  return indices;
}

Type elementOfDataType(NodeImport &node, int64_t dataType) {
  std::optional<mpcrt::DType> dtype = dtypeFromOnnx(dataType);
  Type type = dtype ? elementType(*node.builder.getContext(), *dtype) : Type();
  if (!type)
    (void)node.unsupported("has elements of data type " + Twine(dataType),
                           "use FLOAT, FLOAT16, BFLOAT16, INT64, INT32, INT8 "
                           "or BOOL");
  return type;
}

} // namespace mpc::frontend
