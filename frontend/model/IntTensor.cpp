#include "compiler/formats/FloatFormat.h"
#include "frontend/model/Fold.h"
#include "frontend/model/OnnxTensor.h"

#include <algorithm>
#include <cstring>
#include <functional>

namespace mpc::frontend {

using namespace fold;
using mpcrt::DType;

namespace {

template <typename Element>
std::vector<int64_t> widen(const std::vector<std::byte> &bytes) {
  std::vector<int64_t> values(bytes.size() / sizeof(Element));
  for (size_t i = 0; i < values.size(); ++i) {
    Element element;
    std::memcpy(&element, bytes.data() + i * sizeof(Element), sizeof(Element));
    values[i] = static_cast<int64_t>(element);
  }
  return values;
}

Folded foldShape(const Fold &fold) {
  if (fold.operands.empty() || !fold.operands[0].shape)
    return std::nullopt;
  const Shape &shape = *fold.operands[0].shape;
  auto rank = static_cast<int64_t>(shape.size());
  int64_t start = fold.attribute("start", 0);
  int64_t end = fold.attribute("end", rank);
  start = std::clamp<int64_t>(start < 0 ? start + rank : start, 0, rank);
  end = std::clamp<int64_t>(end < 0 ? end + rank : end, start, rank);
  return vectorOf(Shape(shape.begin() + start, shape.begin() + end));
}

Folded foldSize(const Fold &fold) {
  if (fold.operands.empty() || !fold.operands[0].shape)
    return std::nullopt;
  IntTensor result;
  result.values = {count(*fold.operands[0].shape)};
  return result;
}

Folded foldCast(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  if (!input)
    return std::nullopt;
  IntTensor result = *input;
  auto dtype = dtypeFromOnnx(fold.attribute("to", 0));
  result.dtype = dtype.value_or(result.dtype);
  switch (dtype.value_or(DType::F32)) {
  case DType::I64:
    return result;
  case DType::I32:
    for (int64_t &value : result.values)
      value = static_cast<int32_t>(value);
    return result;
  case DType::Bool:
    for (int64_t &value : result.values)
      value = value != 0;
    return result;
  default:
    return std::nullopt;
  }
}

Folded foldRange(const Fold &fold) {
  Shape bounds;
  for (size_t i = 0; i < 3; ++i) {
    const IntTensor *bound = fold.ints(i);
    if (!bound || bound->values.size() != 1)
      return std::nullopt;
    bounds.push_back(bound->values[0]);
  }
  if (bounds[2] == 0)
    return std::nullopt;
  Shape values;
  for (int64_t at = bounds[0];
       bounds[2] > 0 ? at < bounds[1] : at > bounds[1];) {
    if (values.size() >= static_cast<size_t>(largestFold))
      return std::nullopt;
    values.push_back(at);
    if (__builtin_add_overflow(at, bounds[2], &at))
      break;
  }
  Folded result = vectorOf(std::move(values));
  result->dtype = fold.ints(0)->dtype;
  return result;
}

Folded foldNeg(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  if (!input)
    return std::nullopt;
  IntTensor result = *input;
  for (int64_t &value : result.values)
    if (__builtin_sub_overflow(int64_t(0), value, &value))
      return std::nullopt;
  return result;
}

// Product over all elements of a vector.
Folded foldReduceProd(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  if (!input || input->shape.size() != 1)
    return std::nullopt;
  IntTensor result;
  result.dtype = input->dtype;
  int64_t product = 1;
  for (int64_t value : input->values)
    if (__builtin_mul_overflow(product, value, &product))
      return std::nullopt;
  result.values = {product};
  if (fold.attribute("keepdims", 1))
    result.shape = {1};
  return result;
}

using Binary = bool (*)(int64_t, int64_t, int64_t &);

Folded foldBinary(const Fold &fold, Binary apply) {
  const IntTensor *lhs = fold.ints(0);
  const IntTensor *rhs = fold.ints(1);
  if (!lhs || !rhs || fold.node.inputs.size() != 2)
    return std::nullopt;
  std::optional<Shape> shape = broadcastShape(lhs->shape, rhs->shape);
  if (!shape)
    return std::nullopt;
  Folded result = expand(*lhs, *shape), other = expand(*rhs, *shape);
  if (!result || !other)
    return std::nullopt;
  for (size_t i = 0; i < result->values.size(); ++i)
    if (!apply(result->values[i], other->values[i], result->values[i]))
      return std::nullopt;
  return result;
}

template <typename Relation> Folded foldRelation(const Fold &fold) {
  Folded result = foldBinary(fold, [](int64_t a, int64_t b, int64_t &r) {
    r = Relation()(a, b);
    return true;
  });
  if (result)
    result->dtype = DType::Bool;
  return result;
}

Folded foldNot(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  if (!input || input->dtype != DType::Bool)
    return std::nullopt;
  IntTensor result = *input;
  for (int64_t &value : result.values)
    value = value == 0;
  return result;
}

bool add(int64_t a, int64_t b, int64_t &r) {
  return !__builtin_add_overflow(a, b, &r);
}
bool subtract(int64_t a, int64_t b, int64_t &r) {
  return !__builtin_sub_overflow(a, b, &r);
}
bool multiply(int64_t a, int64_t b, int64_t &r) {
  return !__builtin_mul_overflow(a, b, &r);
}
// ONNX leaves the rounding of negative integer quotients open, so only what
// all readings agree on is folded.
bool divide(int64_t a, int64_t b, int64_t &r) {
  if (b == 0 || ((a < 0) != (b < 0) && a % b != 0))
    return false;
  if (b == -1)
    return subtract(0, a, r);
  r = a / b;
  return true;
}
bool modulo(int64_t a, int64_t b, int64_t &r) {
  if (a < 0 || b <= 0)
    return false;
  r = a % b;
  return true;
}
bool smaller(int64_t a, int64_t b, int64_t &r) {
  r = std::min(a, b);
  return true;
}
bool larger(int64_t a, int64_t b, int64_t &r) {
  r = std::max(a, b);
  return true;
}

const std::map<std::string, Rule> &foldRules() {
  static const std::map<std::string, Rule> rules = [] {
    std::map<std::string, Rule> all = {
        {"Shape", foldShape},
        {"Size", foldSize},
        {"Cast", foldCast},
        {"Range", foldRange},
        {"Neg", foldNeg},
        {"ReduceProd", foldReduceProd},
        {"Not", foldNot},
        {"Equal", foldRelation<std::equal_to<int64_t>>},
        {"Less", foldRelation<std::less<int64_t>>},
        {"LessOrEqual", foldRelation<std::less_equal<int64_t>>},
        {"Greater", foldRelation<std::greater<int64_t>>},
        {"GreaterOrEqual", foldRelation<std::greater_equal<int64_t>>},
        {"Add", [](const Fold &f) { return foldBinary(f, add); }},
        {"Sub", [](const Fold &f) { return foldBinary(f, subtract); }},
        {"Mul", [](const Fold &f) { return foldBinary(f, multiply); }},
        {"Div", [](const Fold &f) { return foldBinary(f, divide); }},
        {"Mod", [](const Fold &f) { return foldBinary(f, modulo); }},
        {"Min", [](const Fold &f) { return foldBinary(f, smaller); }},
        {"Max", [](const Fold &f) { return foldBinary(f, larger); }},
    };
    all.insert(movementRules().begin(), movementRules().end());
    return all;
  }();
  return rules;
}

} // namespace

std::optional<IntTensor> toIntTensor(const Tensor &tensor) {
  if (!tensor.small || !tensor.dtype)
    return std::nullopt;
  IntTensor result;
  result.dtype = *tensor.dtype;
  result.shape = tensor.shape;
  switch (*tensor.dtype) {
  case DType::I64:
    result.values = widen<int64_t>(*tensor.small);
    return result;
  case DType::I32:
    result.values = widen<int32_t>(*tensor.small);
    return result;
  case DType::I8:
    result.values = widen<int8_t>(*tensor.small);
    return result;
  case DType::Bool:
    result.values = widen<uint8_t>(*tensor.small);
    return result;
  default:
    return std::nullopt;
  }
}

// The elements, each turned to a double by `convert`.
template <typename Bits, typename Convert>
static std::vector<double> convertElements(const Tensor &tensor,
                                           Convert convert) {
  std::vector<double> numbers(tensor.small->size() / sizeof(Bits));
  for (size_t i = 0; i < numbers.size(); ++i) {
    Bits bits;
    std::memcpy(&bits, tensor.small->data() + i * sizeof bits, sizeof bits);
    numbers[i] = convert(bits);
  }
  return numbers;
}

std::optional<std::vector<double>> toNumbers(const Tensor &tensor) {
  using formats::FloatFormat;
  if (!tensor.small)
    return std::nullopt;
  auto widen = [](auto number) { return static_cast<double>(number); };
  auto decode = [](FloatFormat format) {
    return [=](uint16_t bits) { return formats::toDouble(bits, format); };
  };
  switch (tensor.dtype.value_or(DType::Bool)) {
  case DType::F32:
    return convertElements<float>(tensor, widen);
  case DType::F64:
    return convertElements<double>(tensor, widen);
  case DType::F16:
    return convertElements<uint16_t>(tensor, decode(FloatFormat::F16));
  case DType::BF16:
    return convertElements<uint16_t>(tensor, decode(FloatFormat::BF16));
  default:
    return std::nullopt;
  }
}

bool isShapeArithmetic(const std::string &opType) {
  return foldRules().count(opType) > 0;
}

std::optional<IntTensor>
foldIntegers(const Node &node, const std::vector<FoldOperand> &operands) {
  auto rule = foldRules().find(node.opType);
  if (!node.domain.empty() || rule == foldRules().end())
    return std::nullopt;
  Folded result = rule->second(Fold{node, operands});
  if (result && count(result->shape) > largestFold)
    return std::nullopt;
  return result;
}

} // namespace mpc::frontend
