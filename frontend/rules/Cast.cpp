#include "frontend/ModelImport.h"
#include "frontend/OpTable.h"
#include "frontend/model/OnnxTensor.h"
#include "frontend/rules/Elementwise.h"

using namespace mlir;

namespace mpc::frontend {

// Integers that are known become floats that are.
static Value floatConstant(NodeImport &node, const IntTensor &known,
                           FloatType element) {
  SmallVector<mlir::Attribute> numbers;
  for (int64_t value : known.values)
    numbers.push_back(FloatAttr::get(element, static_cast<double>(value)));
  auto type = RankedTensorType::get(known.shape, element);
  return ConstantOp::create(node.builder, node.loc,
                            DenseElementsAttr::get(type, numbers));
}

// A cast between floats is kept even if it changes nothing: the user wrote it.
static LogicalResult castTo(NodeImport &node, Type element) {
  const IntTensor *known = node.ints(0);
  if (auto floats = dyn_cast<FloatType>(element); floats && known) {
    node.setResult(0, floatConstant(node, *known, floats));
    return success();
  }
  Value input = node.operand(0);
  if (!input)
    return failure();
  bool sameInteger = elementTypeOf(input) == element && !isFloat(input);
  if (sameInteger) {
    node.forward();
    return success();
  }
  auto type = RankedTensorType::get(shapeOf(input), element);
  if (isFloat(input) && isa<FloatType>(element))
    node.setResult(0, CastOp::create(node.builder, node.loc, type, input,
                                     node.builder.getUnitAttr()));
  else
    node.setResult(0, ConvertOp::create(node.builder, node.loc, type, input));
  return success();
}

LogicalResult importCast(NodeImport &node) {
  int64_t to = node.intAttribute("to", 0);
  auto dtype = dtypeFromOnnx(to);
  Type element =
      dtype ? elementType(*node.builder.getContext(), *dtype) : Type();
  if (!element)
    return node.unsupported("casts to data type " + Twine(to),
                            "cast to FLOAT (1), INT8 (3), INT32 (6), INT64 "
                            "(7), BOOL (9), FLOAT16 (10) or BFLOAT16 (16)");
  return castTo(node, element);
}

LogicalResult importCastLike(NodeImport &node) {
  Value like = node.operand(1);
  return like ? castTo(node, elementTypeOf(like)) : failure();
}

} // namespace mpc::frontend
