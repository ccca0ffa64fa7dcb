#include "frontend/KnownInputs.h"
#include "compiler/formats/FloatFormat.h"
#include "frontend/model/IntTensor.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace mpc::frontend {
namespace {

using mpcrt::Code;
using mpcrt::DType;

constexpr unsigned slots(std::initializer_list<unsigned> indices) {
  unsigned mask = 0;
  for (unsigned index : indices)
    mask |= 1u << index;
  return mask;
}

// Operands that say what an op does and must be known at compile time.
unsigned staticOperands(const std::string &opType) {
  static const std::map<std::string, unsigned> table = {
      {"CenterCropPad", slots({1})},
      {"Compress", slots({1})},
      {"ConstantOfShape", slots({0})},
      {"CumSum", slots({1})},
      {"Dropout", slots({1, 2})},
      {"Expand", slots({1})},
      {"OneHot", slots({1})},
      {"Pad", slots({1, 2, 3})},
      {"Range", slots({0, 1, 2})},
      {"Reshape", slots({1})},
      {"Resize", slots({1, 2, 3})},
      {"ReverseSequence", slots({1})},
      {"Slice", slots({1, 2, 3, 4})},
      {"Split", slots({1})},
      {"Squeeze", slots({1})},
      {"Tile", slots({1})},
      {"TopK", slots({1})},
      {"Trilu", slots({1})},
      {"Unsqueeze", slots({1})},
      {"Upsample", slots({1})},
  };
  if (opType.rfind("Reduce", 0) == 0)
    return slots({1});
  auto row = table.find(opType);
  return row == table.end() ? 0 : row->second;
}

// The values that some node reads only as a shape. Nodes are sorted, so one
// walk from the outputs suffices.
std::set<std::string> findShapes(const Graph &graph) {
  std::set<std::string> data, read;
  for (const ValueInfo &output : graph.outputs)
    data.insert(output.name);
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    bool isArithmetic = node->domain.empty() && isShapeArithmetic(node->opType);
    for (const std::string &output : node->outputs)
      isArithmetic = isArithmetic && !data.count(output);
    read.insert(node->inputs.begin(), node->inputs.end());
    if (isArithmetic)
      continue;
    unsigned fixed = node->domain.empty() ? staticOperands(node->opType) : 0;
    for (size_t i = 0; i < node->inputs.size(); ++i)
      if (i >= 32 || !(fixed >> i & 1))
        data.insert(node->inputs[i]);
  }
  std::set<std::string> shapes;
  std::set_difference(read.begin(), read.end(), data.begin(), data.end(),
                      std::inserter(shapes, shapes.end()));
  return shapes;
}

template <typename Element> void append(Tensor &tensor, Element element) {
  size_t at = tensor.small->size();
  tensor.small->resize(at + sizeof element);
  std::memcpy(tensor.small->data() + at, &element, sizeof element);
}

// Appends a number; false if the tensor's type does not hold it.
template <typename Element> bool appendExactly(Tensor &tensor, int64_t number) {
  auto element = static_cast<Element>(number);
  append(tensor, element);
  return static_cast<int64_t>(element) == number;
}

bool appendInteger(Tensor &tensor, int64_t number) {
  switch (*tensor.dtype) {
  case DType::I64:
    return appendExactly<int64_t>(tensor, number);
  case DType::I32:
    return appendExactly<int32_t>(tensor, number);
  case DType::I8:
    return appendExactly<int8_t>(tensor, number);
  case DType::Bool:
    append(tensor, static_cast<uint8_t>(number != 0));
    return number == 0 || number == 1;
  default:
    return false;
  }
}

bool appendFloat(Tensor &tensor, double number) {
  using namespace formats;
  switch (*tensor.dtype) {
  case DType::F32:
    append(tensor, static_cast<float>(number));
    return true;
  case DType::F16:
    append(tensor,
           static_cast<uint16_t>(roundToFormat(number, FloatFormat::F16)));
    return true;
  case DType::BF16:
    append(tensor,
           static_cast<uint16_t>(roundToFormat(number, FloatFormat::BF16)));
    return true;
  default:
    return false;
  }
}

bool fitsShape(const ValueInfo &input, const KnownValue &value) {
  if (!input.shape)
    return true;
  if (input.shape->size() != value.shape.size())
    return false;
  for (size_t i = 0; i < value.shape.size(); ++i) {
    int64_t declared = (*input.shape)[i].size;
    if (declared != unknownSize && declared != value.shape[i])
      return false;
  }
  return true;
}

// The constant that stands for an input, or nothing if the value is none of
// what the input declares.
std::optional<Tensor> toTensor(const ValueInfo &input,
                               const KnownValue &value) {
  Tensor tensor;
  tensor.name = input.name;
  tensor.dtype = input.dtype;
  tensor.shape = value.shape;
  tensor.bytes.place = TensorBytes::Place::Stored;
  tensor.isConstantNode = true;
  tensor.small.emplace();
  bool fits = fitsShape(input, value);
  for (double number : value.numbers)
    fits = appendFloat(tensor, number) && fits;
  for (int64_t integer : value.integers)
    fits = appendInteger(tensor, integer) && fits;
  return fits ? std::optional(std::move(tensor)) : std::nullopt;
}

} // namespace

void bindKnownInputs(Graph &graph,
                     const std::map<std::string, KnownValue> &known,
                     Problems &problems) {
  if (known.empty())
    return;
  std::set<std::string> shapes = findShapes(graph), bound;
  for (const ValueInfo &input : graph.inputs) {
    auto value = known.find(input.name);
    if (value == known.end() || !input.dtype || !shapes.count(input.name))
      continue;
    std::optional<Tensor> tensor = toTensor(input, value->second);
    if (!tensor) {
      problems.push_back(modelProblem(
          Code::InvalidData,
          "the value given for input '" + input.name + "', of shape " +
              mpcrt::shapeText(value->second.shape) +
              ", does not fit the shape or element type that the model "
              "declares for it",
          "give integers for an integer input and numbers for a float"));
      continue;
    }
    graph.reports.push_back("input '" + input.name +
                            "' only says shapes and is fixed to its value");
    graph.tensors.push_back(std::move(*tensor));
    bound.insert(input.name);
  }
  std::erase_if(graph.inputs, [&](const ValueInfo &input) {
    return bound.count(input.name) > 0;
  });
}

} // namespace mpc::frontend
