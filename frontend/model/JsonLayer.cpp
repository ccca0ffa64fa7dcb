#include "frontend/model/JsonLayers.h"

#include <cmath>
#include <cstring>

namespace mpc::frontend {

void JsonLayer::problem(int line, std::string message, std::string nextAction,
                        mpcrt::Code code) {
  Problem problem =
      modelProblem(code, std::move(message), std::move(nextAction));
  problem.node = node.name;
  problem.opType = op;
  problem.line = line;
  problems.push_back(std::move(problem));
}

int64_t JsonLayer::integer(const char *key, int64_t otherwise) const {
  const Json *value = json.find(key);
  return value ? value->integer : otherwise;
}

double JsonLayer::number(const char *key, double otherwise) const {
  const Json *value = json.find(key);
  return value ? value->number : otherwise;
}

bool JsonLayer::flag(const char *key, bool otherwise) const {
  const Json *value = json.find(key);
  return value ? value->flag : otherwise;
}

std::string JsonLayer::text(const char *key, std::string otherwise) const {
  const Json *value = json.find(key);
  return value ? value->text : otherwise;
}

static std::vector<int64_t> integersOf(const Json &value) {
  if (!value.isArray())
    return {value.integer};
  std::vector<int64_t> numbers;
  for (const Json &item : value.items)
    numbers.push_back(item.integer);
  return numbers;
}

std::vector<int64_t> JsonLayer::integers(const char *key) const {
  const Json *value = json.find(key);
  return value ? integersOf(*value) : std::vector<int64_t>();
}

void JsonLayer::setInt(const std::string &name, int64_t value) {
  Attribute &attribute = node.attributes[name];
  attribute.kind = Attribute::Kind::Int;
  attribute.i = value;
}

void JsonLayer::setFloat(const std::string &name, double value) {
  Attribute &attribute = node.attributes[name];
  attribute.kind = Attribute::Kind::Float;
  attribute.f = value;
}

void JsonLayer::setInts(const std::string &name, std::vector<int64_t> values) {
  Attribute &attribute = node.attributes[name];
  attribute.kind = Attribute::Kind::Ints;
  attribute.ints = std::move(values);
}

void JsonLayer::setText(const std::string &name, std::string value) {
  Attribute &attribute = node.attributes[name];
  attribute.kind = Attribute::Kind::String;
  attribute.s = std::move(value);
}

void JsonLayer::apply(const JsonKey &key, const Json &value) {
  using Type = JsonKey::Type;
  if (key.place == JsonKey::Place::Read)
    return;
  bool isOperand = key.place == JsonKey::Place::Operand;
  auto addOperand = [&](std::string name) { node.inputs.push_back(name); };
  switch (key.type) {
  case Type::Integer:
    return isOperand ? addOperand(makeIntegers(key.name, {value.integer}, {}))
                     : setInt(key.attribute, value.integer);
  case Type::Number:
    return isOperand ? addOperand(makeNumber(key.name, value.number))
                     : setFloat(key.attribute, value.number);
  case Type::Flag:
    return setInt(key.attribute, value.flag);
  case Type::Text:
  case Type::Choice:
    return setText(key.attribute, value.text);
  case Type::DType:
    return setInt(key.attribute, findDType(value.text)->onnx);
  case Type::Integers: {
    std::vector<int64_t> values = integersOf(value);
    auto count = static_cast<int64_t>(values.size());
    return isOperand ? addOperand(makeIntegers(key.name, values, {count}))
                     : setInts(key.attribute, std::move(values));
  }
  case Type::Numbers: {
    std::vector<double> values;
    for (const Json &item : value.items)
      values.push_back(item.number);
    auto count = static_cast<int64_t>(values.size());
    return addOperand(makeNumbers(key.name, values, {count}));
  }
  case Type::Window:
  case Type::Pad:
    return;
  }
}

std::string JsonLayer::makeWeight(const char *role,
                                  std::vector<int64_t> shape) {
  Tensor tensor;
  tensor.name = node.name + "." + role;
  tensor.dtype = mpcrt::DType::F32;
  tensor.shape = std::move(shape);
  tensor.line = json.line;
  if (const Json *all = json.find("initializer"))
    if (const Json *given = all->find(role))
      tensor.recipe = readRecipe(*given).value_or(Recipe());
  graph.tensors.push_back(tensor);
  return tensor.name;
}

void JsonLayer::addWeight(const char *role, std::vector<int64_t> shape) {
  node.inputs.push_back(makeWeight(role, std::move(shape)));
}

std::string JsonLayer::addTensor(const std::string &role, mpcrt::DType dtype,
                                 std::vector<std::byte> bytes,
                                 std::vector<int64_t> shape) {
  Tensor tensor;
  tensor.name = node.name + "." + role;
  tensor.dtype = dtype;
  tensor.shape = std::move(shape);
  tensor.bytes.place = TensorBytes::Place::Stored;
  tensor.isConstantNode = true;
  tensor.small = std::move(bytes);
  tensor.line = json.line;
  graph.tensors.push_back(tensor);
  return tensor.name;
}

template <typename Element>
static std::vector<std::byte> bytesOf(const std::vector<Element> &elements) {
  std::vector<std::byte> bytes(elements.size() * sizeof(Element));
  if (!elements.empty())
    std::memcpy(bytes.data(), elements.data(), bytes.size());
  return bytes;
}

std::string JsonLayer::makeIntegers(const std::string &role,
                                    const std::vector<int64_t> &values,
                                    std::vector<int64_t> shape) {
  return addTensor(role, mpcrt::DType::I64, bytesOf(values), std::move(shape));
}

std::string JsonLayer::makeNumbers(const std::string &role,
                                   const std::vector<double> &values,
                                   std::vector<int64_t> shape) {
  std::vector<float> rounded;
  for (double value : values)
    rounded.push_back(static_cast<float>(value));
  return addTensor(role, mpcrt::DType::F32, bytesOf(rounded), std::move(shape));
}

std::string JsonLayer::makeTrue(const std::string &role) {
  return addTensor(role, mpcrt::DType::Bool, {std::byte(1)}, {});
}

std::string JsonLayer::step(const std::string &role, const char *opType,
                            std::vector<std::string> inputs,
                            std::map<std::string, Attribute> attributes) {
  Node made;
  made.name = node.name + "/" + role;
  made.opType = opType;
  made.inputs = std::move(inputs);
  made.attributes = std::move(attributes);
  made.outputs = {made.name};
  made.line = node.line;
  graph.nodes.push_back(made);
  return made.name;
}

void JsonLayer::finish(const char *opType, std::vector<std::string> inputs) {
  node.opType = opType;
  node.inputs = std::move(inputs);
}

std::optional<Recipe> readRecipe(const Json &given) {
  if (given.isText() && given.text == "kaiming_uniform")
    return Recipe{Recipe::Kind::KaimingUniform, 0};
  if (!given.isObject() || given.items.size() != 1 ||
      !given.items[0].isNumber() || !std::isfinite(given.items[0].number))
    return std::nullopt;
  double number = given.items[0].number;
  if (given.keys[0] == "fill")
    return Recipe{Recipe::Kind::Fill, number};
  if (given.keys[0] == "uniform" && number > 0)
    return Recipe{Recipe::Kind::Uniform, number};
  if (given.keys[0] == "normal" && number > 0)
    return Recipe{Recipe::Kind::Normal, number};
  return std::nullopt;
}

} // namespace mpc::frontend
