#include "frontend/model/NumberFold.h"
#include "compiler/formats/FloatFormat.h"
#include "frontend/model/OnnxTensor.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace mpc::frontend {
namespace {

using mpcrt::DType;

struct Numbers {
  DType dtype = DType::F64;
  std::vector<int64_t> shape;
  std::vector<double> values;
};

std::optional<Numbers> numbersOf(const NumberOperand &operand) {
  Numbers numbers;
  if (operand.ints) {
    numbers.dtype = operand.ints->dtype;
    numbers.shape = operand.ints->shape;
    numbers.values.assign(operand.ints->values.begin(),
                          operand.ints->values.end());
    return numbers;
  }
  auto values = operand.tensor ? toNumbers(*operand.tensor) : std::nullopt;
  if (!values)
    return std::nullopt;
  numbers.dtype = *operand.tensor->dtype;
  numbers.shape = operand.tensor->shape;
  numbers.values = std::move(*values);
  return numbers;
}

template <typename Element> void append(Tensor &tensor, Element element) {
  size_t at = tensor.small->size();
  tensor.small->resize(at + sizeof element);
  std::memcpy(tensor.small->data() + at, &element, sizeof element);
}

// Truncates as Cast does; false for what the integer type does not hold.
template <typename Element> bool appendInteger(Tensor &tensor, double value) {
  // The bounds of the type are no floats, the next powers of two are.
  double end = std::ldexp(1.0, std::numeric_limits<Element>::digits);
  if (!(value > -end - 1 && value < end))
    return false;
  append(tensor, static_cast<Element>(value));
  return true;
}

bool appendNumber(Tensor &tensor, double value) {
  using namespace formats;
  switch (*tensor.dtype) {
  case DType::F64:
    append(tensor, value);
    return true;
  case DType::F32:
    append(tensor, static_cast<float>(value));
    return true;
  case DType::F16:
    append(tensor,
           static_cast<uint16_t>(roundToFormat(value, FloatFormat::F16)));
    return true;
  case DType::BF16:
    append(tensor,
           static_cast<uint16_t>(roundToFormat(value, FloatFormat::BF16)));
    return true;
  case DType::I64:
    return appendInteger<int64_t>(tensor, value);
  case DType::I32:
    return appendInteger<int32_t>(tensor, value);
  default:
    return false;
  }
}

std::optional<Tensor> toTensor(const Numbers &numbers) {
  Tensor tensor;
  tensor.dtype = numbers.dtype;
  tensor.shape = numbers.shape;
  tensor.bytes.place = TensorBytes::Place::Stored;
  tensor.isConstantNode = true;
  tensor.small.emplace();
  for (double value : numbers.values)
    if (!appendNumber(tensor, value))
      return std::nullopt;
  return tensor;
}

std::optional<Numbers> cast(const Node &node, Numbers numbers) {
  auto to = node.attributes.find("to");
  auto dtype =
      to == node.attributes.end() ? std::nullopt : dtypeFromOnnx(to->second.i);
  switch (dtype.value_or(DType::Bool)) {
  case DType::F64:
  case DType::F32:
  case DType::F16:
  case DType::BF16:
  case DType::I64:
  case DType::I32:
    numbers.dtype = *dtype;
    return numbers;
  default:
    return std::nullopt;
  }
}

using Unary = double (*)(double);
using Binary = double (*)(double, double);

const std::map<std::string, Unary> unaryRules = {
    {"Identity", [](double x) { return x; }},
    {"Neg", [](double x) { return -x; }},
    {"Reciprocal", [](double x) { return 1 / x; }},
    {"Sqrt", [](double x) { return std::sqrt(x); }},
};
const std::map<std::string, Binary> binaryRules = {
    {"Add", [](double x, double y) { return x + y; }},
    {"Div", [](double x, double y) { return x / y; }},
    {"Mul", [](double x, double y) { return x * y; }},
    {"Sub", [](double x, double y) { return x - y; }},
};

// Equal shapes, or one of them a single number of no more dimensions.
std::optional<Numbers> combine(Binary rule, const Numbers &lhs,
                               const Numbers &rhs) {
  if (lhs.dtype != DType::F64 || rhs.dtype != DType::F64)
    return std::nullopt;
  bool oneLeft = lhs.values.size() == 1 && lhs.shape.size() <= rhs.shape.size();
  bool oneRight =
      rhs.values.size() == 1 && rhs.shape.size() <= lhs.shape.size();
  if (lhs.shape != rhs.shape && !oneLeft && !oneRight)
    return std::nullopt;
  Numbers result = oneRight ? lhs : rhs;
  for (size_t i = 0; i < result.values.size(); ++i)
    result.values[i] = rule(lhs.values[lhs.values.size() == 1 ? 0 : i],
                            rhs.values[rhs.values.size() == 1 ? 0 : i]);
  return result;
}

std::optional<Numbers> evaluate(const Node &node,
                                const std::vector<Numbers> &operands) {
  if (operands.size() == 2) {
    auto rule = binaryRules.find(node.opType);
    if (rule == binaryRules.end())
      return std::nullopt;
    return combine(rule->second, operands[0], operands[1]);
  }
  if (operands.size() != 1)
    return std::nullopt;
  if (node.opType == "Cast")
    return cast(node, operands[0]);
  auto rule = unaryRules.find(node.opType);
  if (rule == unaryRules.end() || operands[0].dtype != DType::F64)
    return std::nullopt;
  Numbers result = operands[0];
  for (double &value : result.values)
    value = rule->second(value);
  return result;
}

} // namespace

std::optional<Tensor> foldNumbers(const Node &node,
                                  const std::vector<NumberOperand> &operands) {
  std::vector<Numbers> known;
  bool isDouble = false;
  for (const NumberOperand &operand : operands) {
    std::optional<Numbers> numbers = numbersOf(operand);
    if (!numbers)
      return std::nullopt;
    isDouble |= numbers->dtype == DType::F64;
    known.push_back(std::move(*numbers));
  }
  std::optional<Numbers> result =
      node.domain.empty() ? evaluate(node, known) : std::nullopt;
  if (!result || (!isDouble && result->dtype != DType::F64))
    return std::nullopt;
  return toTensor(*result);
}

} // namespace mpc::frontend
