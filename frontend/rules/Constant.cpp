// Nodes that compute nothing when a model is evaluated.
#include "frontend/OpTable.h"

using namespace mlir;

namespace mpc::frontend {

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
