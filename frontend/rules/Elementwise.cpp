#include "frontend/OpTable.h"

using namespace mlir;

namespace mpc::frontend {

template <typename Op> static LogicalResult importUnary(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  if (!isa<FloatType>(elementTypeOf(input)))
    return node.unsupported("works on integers that are not known at compile "
                            "time",
                            "use floats");
  node.setResult(0, Op::create(node.builder, node.loc, input));
  return success();
}

// A weight on one side starts as the value that changes nothing.
template <typename Op>
static LogicalResult importBinary(NodeImport &node, SlotUse::Kind neutral) {
  Value lhs = node.operand(0, SlotUse{neutral});
  Value rhs = node.operand(1, SlotUse{neutral});
  if (!lhs || !rhs)
    return failure();
  if (!broadcastShapes(shapeOf(lhs), shapeOf(rhs)))
    return node.invalid("shapes " + shapeText(shapeOf(lhs)) + " and " +
                        shapeText(shapeOf(rhs)) + " do not broadcast");
  bool floats =
      isa<FloatType>(elementTypeOf(lhs)) && isa<FloatType>(elementTypeOf(rhs));
  if (!floats && elementTypeOf(lhs) != elementTypeOf(rhs))
    return node.invalid("its operands have different element types");
  node.setResult(0, Op::create(node.builder, node.loc, lhs, rhs));
  return success();
}

LogicalResult importRelu(NodeImport &node) { return importUnary<ReluOp>(node); }
LogicalResult importNeg(NodeImport &node) { return importUnary<NegOp>(node); }
LogicalResult importSqrt(NodeImport &node) { return importUnary<SqrtOp>(node); }

LogicalResult importAdd(NodeImport &node) {
  return importBinary<AddOp>(node, SlotUse::Kind::Bias);
}
LogicalResult importSub(NodeImport &node) {
  return importBinary<SubOp>(node, SlotUse::Kind::Bias);
}
LogicalResult importMul(NodeImport &node) {
  return importBinary<MulOp>(node, SlotUse::Kind::Scale);
}
LogicalResult importDiv(NodeImport &node) {
  return importBinary<DivOp>(node, SlotUse::Kind::Scale);
}

LogicalResult importCast(NodeImport &node) {
  Value input = node.operand(0);
  if (!input)
    return failure();
  // The numbers of ONNX's TensorProto.DataType.
  Type target;
  int64_t to = node.intAttribute("to", 0);
  if (to == 1)
    target = node.builder.getF32Type();
  else if (to == 10)
    target = node.builder.getF16Type();
  else if (to == 16)
    target = node.builder.getBF16Type();
  if (!target || !isa<FloatType>(elementTypeOf(input)))
    return node.unsupported(
        "casts to data type " + Twine(to) + " or from integers",
        "cast between FLOAT (1), FLOAT16 (10) and BFLOAT16 (16) only");
  auto type = RankedTensorType::get(shapeOf(input), target);
  node.setResult(0, CastOp::create(node.builder, node.loc, type, input,
                                   node.builder.getUnitAttr()));
  return success();
}

LogicalResult importIdentity(NodeImport &node) {
  node.forward();
  return success();
}

// Dropout does nothing when a model is evaluated, and that is the only form
// that is imported.
LogicalResult importDropout(NodeImport &node) {
  if (node.wants(1))
    return node.unsupported("its mask is an output of its own",
                            "export the model without it");
  bool training = false;
  if (node.since >= 12 && node.has(2)) {
    const IntTensor *mode = node.ints(2);
    if (!mode || mode->values.size() != 1)
      return node.unsupported("its training mode is not known at compile time",
                              "export the model with a constant one");
    training = mode->values[0] != 0;
  }
  if (training && node.has(1)) {
    const Tensor *ratio = node.tensor(1);
    if (ratio && ratio->small && llvm::all_of(*ratio->small, [](std::byte b) {
          return b == std::byte(0);
        }))
      training = false;
  }
  if (training)
    return node.unsupported("drops elements in training",
                            "export the model in evaluation mode, or remove "
                            "it");
  node.report("evaluation form, so it is removed");
  return importIdentity(node);
}

LogicalResult importConstant(NodeImport &node) {
  IntTensor ints;
  if (node.hasAttribute("value_int")) {
    ints.values = {node.intAttribute("value_int", 0)};
  } else if (node.hasAttribute("value_ints")) {
    ints.values = node.node.attributes.at("value_ints").ints;
    ints.shape = {static_cast<int64_t>(ints.values.size())};
  } else if (node.hasAttribute("value_float") ||
             node.hasAttribute("value_floats")) {
    bool one = node.hasAttribute("value_float");
    SmallVector<float> values;
    if (one)
      values.push_back(
          static_cast<float>(node.floatAttribute("value_float", 0)));
    else
      for (double value : node.node.attributes.at("value_floats").floats)
        values.push_back(static_cast<float>(value));
    SmallVector<int64_t> shape;
    if (!one)
      shape.push_back(static_cast<int64_t>(values.size()));
    auto type = RankedTensorType::get(shape, node.builder.getF32Type());
    node.setResult(
        0, ConstantOp::create(node.builder, node.loc,
                              DenseElementsAttr::get(type, ArrayRef(values))));
    return success();
  } else {
    return node.unsupported("has no value that can be read",
                            "use value, value_int(s) or value_float(s)");
  }
  node.setInts(0, std::move(ints));
  return success();
}

} // namespace mpc::frontend
