#include "frontend/OpTable.h"

#include <cstring>

using namespace mlir;

namespace mpc::frontend {

static Tensor toTensor(ArrayRef<double> values, bool isScalar) {
  Tensor tensor;
  tensor.dtype = mpcrt::DType::F32;
  if (!isScalar)
    tensor.shape = {static_cast<int64_t>(values.size())};
  tensor.bytes.place = TensorBytes::Place::Stored;
  tensor.isConstantNode = true;
  tensor.small.emplace(values.size() * sizeof(float));
  for (auto [i, value] : llvm::enumerate(values)) {
    auto element = static_cast<float>(value);
    std::memcpy(tensor.small->data() + i * sizeof element, &element,
                sizeof element);
  }
  return tensor;
}

// The forms besides `value`, which readers turn into tensors.
LogicalResult importConstant(NodeImport &node) {
  if (node.hasAttribute("sparse_value"))
    return node.unsupported("holds a sparse tensor",
                            "export the model with a dense one");
  if (node.hasAttribute("value_string") || node.hasAttribute("value_strings"))
    return node.unsupported("holds text", "take it out of the model");
  SmallVector<int64_t> ints = node.intsAttribute("value_ints", {});
  SmallVector<double> floats = node.floatsAttribute("value_floats", {});
  if (node.hasAttribute("value_int"))
    node.setInts(0,
                 {mpcrt::DType::I64, {}, {node.intAttribute("value_int", 0)}});
  else if (node.hasAttribute("value_ints"))
    node.setInts(0, {mpcrt::DType::I64,
                     {static_cast<int64_t>(ints.size())},
                     {ints.begin(), ints.end()}});
  else if (node.hasAttribute("value_float"))
    node.setTensor(0, toTensor(node.floatAttribute("value_float", 0), true));
  else if (node.hasAttribute("value_floats"))
    node.setTensor(0, toTensor(floats, false));
  else
    return node.invalid("has no value");
  return success();
}

} // namespace mpc::frontend
