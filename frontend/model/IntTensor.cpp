#include "frontend/model/IntTensor.h"
#include "compiler/formats/FloatFormat.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

namespace mpc::frontend {
namespace {

using mpcrt::DType;
using Folded = std::optional<IntTensor>;
using Shape = std::vector<int64_t>;

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

// A node being folded, with checked access to operands and attributes.
struct Fold {
  const Node &node;
  const std::vector<FoldOperand> &operands;

  const IntTensor *ints(size_t index) const {
    return index < operands.size() ? operands[index].ints : nullptr;
  }
  bool has(size_t index) const {
    return index < node.inputs.size() && !node.inputs[index].empty();
  }
  int64_t attribute(const char *name, int64_t otherwise) const {
    auto it = node.attributes.find(name);
    return it == node.attributes.end() ? otherwise : it->second.i;
  }
  // Axes are an attribute in older opsets and operand `index` in newer ones.
  std::optional<Shape> axes(const char *name, size_t index) const {
    if (auto it = node.attributes.find(name); it != node.attributes.end())
      return it->second.ints;
    if (const IntTensor *operand = ints(index))
      return operand->values;
    return std::nullopt;
  }
};

bool normalise(int64_t &axis, int64_t rank) {
  if (axis < 0)
    axis += rank;
  return axis >= 0 && axis < rank;
}

int64_t count(const Shape &shape) {
  return mpcrt::elementCount(shape).value_or(
      std::numeric_limits<int64_t>::max());
}

Folded vectorOf(Shape values) {
  IntTensor result;
  result.shape = {static_cast<int64_t>(values.size())};
  result.values = std::move(values);
  return result;
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

Folded foldIdentity(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  return input ? Folded(*input) : std::nullopt;
}

Folded foldCast(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  if (!input)
    return std::nullopt;
  IntTensor result = *input;
  // The numbers of ONNX's TensorProto.DataType.
  switch (fold.attribute("to", 0)) {
  case 7:
    result.dtype = DType::I64;
    return result;
  case 6:
    result.dtype = DType::I32;
    for (int64_t &value : result.values)
      value = static_cast<int32_t>(value);
    return result;
  case 9:
    result.dtype = DType::Bool;
    for (int64_t &value : result.values)
      value = value != 0;
    return result;
  default:
    return std::nullopt;
  }
}

// Gather along the first axis of a vector, and along any axis in general: the
// result's shape is data[:axis] + indices + data[axis+1:].
Folded foldGather(const Fold &fold) {
  const IntTensor *data = fold.ints(0);
  const IntTensor *indices = fold.ints(1);
  if (!data || !indices)
    return std::nullopt;
  int64_t axis = fold.attribute("axis", 0);
  if (!normalise(axis, static_cast<int64_t>(data->shape.size())))
    return std::nullopt;
  int64_t extent = data->shape[axis];
  int64_t outer = count(Shape(data->shape.begin(), data->shape.begin() + axis));
  int64_t inner =
      count(Shape(data->shape.begin() + axis + 1, data->shape.end()));
  IntTensor result;
  result.dtype = data->dtype;
  result.shape.assign(data->shape.begin(), data->shape.begin() + axis);
  result.shape.insert(result.shape.end(), indices->shape.begin(),
                      indices->shape.end());
  result.shape.insert(result.shape.end(), data->shape.begin() + axis + 1,
                      data->shape.end());
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t index : indices->values) {
      if (!normalise(index, extent))
        return std::nullopt;
      auto first = data->values.begin() + (o * extent + index) * inner;
      result.values.insert(result.values.end(), first, first + inner);
    }
  return result;
}

Folded foldConcat(const Fold &fold) {
  Shape values;
  DType dtype = DType::I64;
  for (size_t i = 0; i < fold.node.inputs.size(); ++i) {
    const IntTensor *part = fold.ints(i);
    if (!part || part->shape.size() != 1)
      return std::nullopt;
    dtype = part->dtype;
    values.insert(values.end(), part->values.begin(), part->values.end());
  }
  Folded result = vectorOf(std::move(values));
  result->dtype = dtype;
  return result;
}

Folded foldUnsqueeze(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  std::optional<Shape> axes = fold.axes("axes", 1);
  if (!input || !axes)
    return std::nullopt;
  IntTensor result = *input;
  auto rank = static_cast<int64_t>(input->shape.size() + axes->size());
  for (int64_t &axis : *axes)
    if (!normalise(axis, rank))
      return std::nullopt;
  std::sort(axes->begin(), axes->end());
  for (int64_t axis : *axes) {
    if (axis > static_cast<int64_t>(result.shape.size()))
      return std::nullopt;
    result.shape.insert(result.shape.begin() + axis, 1);
  }
  return result;
}

Folded foldSqueeze(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  if (!input)
    return std::nullopt;
  std::optional<Shape> axes = fold.axes("axes", 1);
  if (!axes && fold.has(1))
    return std::nullopt;
  auto rank = static_cast<int64_t>(input->shape.size());
  std::vector<bool> drop(rank, false);
  if (axes)
    for (int64_t axis : *axes) {
      if (!normalise(axis, rank) || input->shape[axis] != 1)
        return std::nullopt;
      drop[axis] = true;
    }
  IntTensor result = *input;
  result.shape.clear();
  for (int64_t i = 0; i < rank; ++i)
    if (axes ? !drop[i] : input->shape[i] != 1)
      result.shape.push_back(input->shape[i]);
  return result;
}

// Slice of a vector; operands from opset 10 on, attributes before.
Folded foldSlice(const Fold &fold) {
  const IntTensor *data = fold.ints(0);
  std::optional<Shape> starts = fold.axes("starts", 1);
  std::optional<Shape> ends = fold.axes("ends", 2);
  if (!data || data->shape.size() != 1 || !starts || !ends ||
      starts->size() != 1 || ends->size() != 1)
    return std::nullopt;
  int64_t step = 1;
  if (fold.has(4)) {
    const IntTensor *steps = fold.ints(4);
    if (!steps || steps->values.size() != 1 || steps->values[0] < 1)
      return std::nullopt;
    step = steps->values[0];
  }
  int64_t extent = data->shape[0];
  auto bound = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + extent : at, 0, extent);
  };
  Shape values;
  for (int64_t at = bound((*starts)[0]), end = bound((*ends)[0]);
       at<end; at = end - at> step ? at + step : end)
    values.push_back(data->values[at]);
  Folded result = vectorOf(std::move(values));
  result->dtype = data->dtype;
  return result;
}

Folded foldReshape(const Fold &fold) {
  const IntTensor *input = fold.ints(0);
  const IntTensor *shape = fold.ints(1);
  if (!input || !shape)
    return std::nullopt;
  IntTensor result = *input;
  result.shape = shape->values;
  auto total = static_cast<int64_t>(input->values.size());
  int64_t known = 1;
  for (int64_t extent : result.shape) {
    if (extent == 0 || extent < -1 || extent > largestFold ||
        known > largestFold)
      return std::nullopt;
    known *= extent == -1 ? 1 : extent;
  }
  for (int64_t &extent : result.shape)
    if (extent == -1)
      extent = total / known;
  return count(result.shape) == total ? Folded(result) : std::nullopt;
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

// Either shape of one element broadcasts; equal shapes pair up.
Folded foldBinary(const Fold &fold, Binary apply) {
  const IntTensor *lhs = fold.ints(0);
  const IntTensor *rhs = fold.ints(1);
  if (!lhs || !rhs || fold.node.inputs.size() != 2)
    return std::nullopt;
  bool oneLeft = lhs->values.size() == 1;
  bool oneRight = rhs->values.size() == 1;
  if (lhs->shape != rhs->shape && !oneLeft && !oneRight)
    return std::nullopt;
  bool takeLeft = lhs->shape.size() > rhs->shape.size() ||
                  (lhs->shape.size() == rhs->shape.size() && oneRight);
  IntTensor result = takeLeft ? *lhs : *rhs;
  size_t size = std::max(lhs->values.size(), rhs->values.size());
  if (oneLeft || oneRight)
    if (static_cast<size_t>(count(result.shape)) != size)
      return std::nullopt;
  result.values.resize(size);
  for (size_t i = 0; i < size; ++i)
    if (!apply(lhs->values[oneLeft ? 0 : i], rhs->values[oneRight ? 0 : i],
               result.values[i]))
      return std::nullopt;
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

using Rule = Folded (*)(const Fold &);
const std::map<std::string, Rule> &foldRules() {
  static const std::map<std::string, Rule> rules = {
      {"Shape", foldShape},
      {"Size", foldSize},
      {"Identity", foldIdentity},
      {"Cast", foldCast},
      {"Gather", foldGather},
      {"Concat", foldConcat},
      {"Unsqueeze", foldUnsqueeze},
      {"Squeeze", foldSqueeze},
      {"Slice", foldSlice},
      {"Reshape", foldReshape},
      {"Range", foldRange},
      {"Neg", foldNeg},
      {"ReduceProd", foldReduceProd},
      {"Add", [](const Fold &f) { return foldBinary(f, add); }},
      {"Sub", [](const Fold &f) { return foldBinary(f, subtract); }},
      {"Mul", [](const Fold &f) { return foldBinary(f, multiply); }},
      {"Div", [](const Fold &f) { return foldBinary(f, divide); }},
      {"Mod", [](const Fold &f) { return foldBinary(f, modulo); }},
      {"Min", [](const Fold &f) { return foldBinary(f, smaller); }},
      {"Max", [](const Fold &f) { return foldBinary(f, larger); }},
  };
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

template <typename Bits> static Bits firstElement(const Tensor &tensor) {
  Bits bits;
  std::memcpy(&bits, tensor.small->data(), sizeof bits);
  return bits;
}

std::optional<double> toNumber(const Tensor &tensor) {
  using formats::FloatFormat;
  if (!tensor.small || mpcrt::elementCount(tensor.shape) != 1)
    return std::nullopt;
  switch (tensor.dtype.value_or(DType::Bool)) {
  case DType::F32:
    return static_cast<double>(firstElement<float>(tensor));
  case DType::F64:
    return firstElement<double>(tensor);
  case DType::F16:
    return formats::toDouble(firstElement<uint16_t>(tensor), FloatFormat::F16);
  case DType::BF16:
    return formats::toDouble(firstElement<uint16_t>(tensor), FloatFormat::BF16);
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
