#include "frontend/model/JsonValues.h"
#include "frontend/model/JsonKey.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace mpc::frontend {
namespace {

using mpcrt::DType;

// The elements of lists of one length each; false if lengths differ.
bool flatten(const Json &json, size_t depth, std::vector<int64_t> &shape,
             std::vector<const Json *> &elements) {
  if (!json.isArray()) {
    elements.push_back(&json);
    return depth == shape.size();
  }
  auto count = static_cast<int64_t>(json.items.size());
  if (depth == shape.size() && elements.empty())
    shape.push_back(count);
  if (depth >= shape.size() || shape[depth] != count)
    return false;
  return std::all_of(json.items.begin(), json.items.end(),
                     [&](const Json &item) {
                       return flatten(item, depth + 1, shape, elements);
                     });
}

template <typename Element>
void append(std::vector<std::byte> &bytes, Element element) {
  size_t size = bytes.size();
  bytes.resize(size + sizeof(element));
  std::memcpy(bytes.data() + size, &element, sizeof(element));
}

// Appends one element; false if it is none of the type.
bool append(std::vector<std::byte> &bytes, DType dtype, const Json &json) {
  bool isFlag = json.kind == Json::Kind::Bool;
  switch (dtype) {
  case DType::F32:
    if (!json.isNumber() || !std::isfinite(static_cast<float>(json.number)))
      return false;
    append(bytes, static_cast<float>(json.number));
    return true;
  case DType::I64:
    if (json.isInteger())
      append(bytes, json.integer);
    return json.isInteger();
  case DType::I32:
    if (!json.isInteger() || json.integer < INT32_MIN ||
        json.integer > INT32_MAX)
      return false;
    append(bytes, static_cast<int32_t>(json.integer));
    return true;
  case DType::Bool:
    if (!isFlag && !(json.isInteger() && (json.integer | 1) == 1))
      return false;
    append(bytes, static_cast<uint8_t>(isFlag ? json.flag : json.integer));
    return true;
  default:
    return false;
  }
}

// Repeats the only element to fill `extents`.
bool fill(Tensor &tensor, const Json &shape, std::string &problem) {
  auto extents = readExtents(shape);
  auto count = extents ? mpcrt::elementCount(*extents) : std::nullopt;
  if (!count || *count > largestFill || !tensor.shape.empty()) {
    problem = "has 'shape' " + shortText(shape) +
              ", expected a list of extents with at most " +
              std::to_string(largestFill) + " elements, and one number to fill";
    return false;
  }
  std::vector<std::byte> one = *tensor.small;
  tensor.small->clear();
  for (int64_t i = 0; i < *count; ++i)
    tensor.small->insert(tensor.small->end(), one.begin(), one.end());
  tensor.shape = *extents;
  return true;
}

bool checkKeys(const Json &json, std::string &problem) {
  for (const std::string &key : json.keys)
    if (key != "value" && key != "dtype" && key != "shape") {
      problem = "has the unknown key '" + key + "'";
      return false;
    }
  if (json.find("value"))
    return true;
  problem = "has no 'value'";
  return false;
}

bool readDType(const Json *json, DType &dtype, std::string &problem) {
  const JsonDType *known =
      json && json->isText() ? findDType(json->text) : nullptr;
  if (known)
    dtype = known->dtype;
  bool good = !json || (known && dtype != DType::F16 && dtype != DType::BF16);
  if (!good)
    problem = "has 'dtype' " + shortText(*json) +
              ", expected float32, int64, int32 or bool";
  return good;
}

} // namespace

std::optional<Tensor> readConstant(const Json &json, std::string &problem) {
  Tensor tensor;
  tensor.dtype = DType::F32;
  tensor.line = json.line;
  tensor.isConstantNode = true;
  tensor.bytes.place = TensorBytes::Place::Stored;
  tensor.small.emplace();
  const Json *value = &json;
  if (json.isObject()) {
    if (!checkKeys(json, problem) ||
        !readDType(json.find("dtype"), *tensor.dtype, problem))
      return std::nullopt;
    value = json.find("value");
  }
  std::vector<const Json *> elements;
  if (!flatten(*value, 0, tensor.shape, elements)) {
    problem = "has lists of different lengths";
    return std::nullopt;
  }
  for (const Json *element : elements)
    if (!append(*tensor.small, *tensor.dtype, *element)) {
      problem = "has the element " + shortText(*element) + ", which is no " +
                std::string(mpcrt::dtypeName(*tensor.dtype));
      return std::nullopt;
    }
  if (const Json *shape = json.find("shape"))
    if (!fill(tensor, *shape, problem))
      return std::nullopt;
  return tensor;
}

static bool readNumber(const Json &json, Attribute &attribute) {
  attribute.isUntyped = json.isInteger();
  attribute.kind =
      json.isInteger() ? Attribute::Kind::Int : Attribute::Kind::Float;
  attribute.i = json.integer;
  attribute.f = json.number;
  return json.isNumber() && std::isfinite(json.number);
}

static bool readList(const Json &json, Attribute &attribute) {
  auto all = [&](auto test) {
    return std::all_of(json.items.begin(), json.items.end(), test);
  };
  bool areIntegers = all([](const Json &item) { return item.isInteger(); });
  bool areNumbers = all([](const Json &item) {
    return item.isNumber() && std::isfinite(item.number);
  });
  bool areTexts = all([](const Json &item) { return item.isText(); });
  attribute.isUntyped = areIntegers;
  attribute.kind = areIntegers  ? Attribute::Kind::Ints
                   : areNumbers ? Attribute::Kind::Floats
                                : Attribute::Kind::Strings;
  for (const Json &item : json.items) {
    attribute.ints.push_back(item.integer);
    attribute.floats.push_back(item.number);
    attribute.strings.push_back(item.text);
  }
  return areNumbers || areTexts;
}

bool readAttribute(const Json &json, Attribute &attribute) {
  switch (json.kind) {
  case Json::Kind::Bool:
    attribute.kind = Attribute::Kind::Int;
    attribute.i = json.flag;
    return true;
  case Json::Kind::Integer:
  case Json::Kind::Number:
    return readNumber(json, attribute);
  case Json::Kind::Text:
    attribute.kind = Attribute::Kind::String;
    attribute.s = json.text;
    return true;
  case Json::Kind::Array:
    return readList(json, attribute);
  case Json::Kind::Null:
  case Json::Kind::Object:
    return false;
  }
  return false;
}

std::optional<std::vector<int64_t>> readExtents(const Json &json) {
  if (!json.isArray())
    return std::nullopt;
  std::vector<int64_t> extents;
  for (const Json &item : json.items) {
    if (!item.isInteger() || item.integer < 1)
      return std::nullopt;
    extents.push_back(item.integer);
  }
  return extents;
}

} // namespace mpc::frontend
