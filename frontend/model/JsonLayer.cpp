#include "frontend/model/JsonLayers.h"

#include <cmath>
#include <cstring>

namespace mpc::frontend {

void JsonLayer::problem(int line, std::string message, std::string nextAction,
                        mpcrt::Code code) {
  Problem problem =
      modelProblem(code, std::move(message), std::move(nextAction));
  problem.node = node.name;
  problem.opType = node.opType;
  problem.line = line;
  problems.push_back(std::move(problem));
}

int64_t JsonLayer::integer(const char *key, int64_t least,
                           std::optional<int64_t> otherwise) {
  const Json *value = json.find(key);
  if (!value && otherwise)
    return *otherwise;
  if (value && value->isInteger() && value->integer >= least)
    return value->integer;
  problem(value ? value->line : json.line,
          std::string(value ? "has a bad '" : "needs '") + key + "'",
          "write a whole number of at least " + std::to_string(least));
  return least;
}

double JsonLayer::number(const char *key, double otherwise) {
  const Json *value = json.find(key);
  if (!value)
    return otherwise;
  if (value->isNumber() && std::isfinite(value->number))
    return value->number;
  problem(value->line, std::string("has a bad '") + key + "'",
          "write a number");
  return otherwise;
}

bool JsonLayer::flag(const char *key, bool otherwise) {
  const Json *value = json.find(key);
  if (!value)
    return otherwise;
  if (value->kind == Json::Kind::Bool)
    return value->flag;
  problem(value->line, std::string("has a bad '") + key + "'",
          "write true or false");
  return otherwise;
}

std::vector<int64_t> JsonLayer::integers(const char *key, int64_t least) {
  const Json *value = json.find(key);
  std::vector<int64_t> numbers;
  bool good = value && value->isArray() && !value->items.empty();
  if (good)
    for (const Json &item : value->items) {
      good &= item.isInteger() && item.integer >= least;
      numbers.push_back(item.integer);
    }
  if (!good)
    problem(value ? value->line : json.line,
            std::string(value ? "has a bad '" : "needs '") + key + "'",
            "write a list of whole numbers of at least " +
                std::to_string(least));
  return numbers;
}

std::vector<int64_t> JsonLayer::pair(const char *key, int64_t least,
                                     std::optional<int64_t> otherwise) {
  const Json *value = json.find(key);
  if (!value || !value->isArray()) {
    int64_t both = integer(key, least, otherwise);
    return {both, both};
  }
  std::vector<int64_t> numbers = integers(key, least);
  if (numbers.size() == 2)
    return numbers;
  if (!numbers.empty())
    problem(value->line, std::string("has a bad '") + key + "'",
            "write one number, or [height, width]");
  return {least, least};
}

void JsonLayer::setInt(const char *name, int64_t value) {
  Attribute &attribute = node.attributes[name];
  attribute.kind = Attribute::Kind::Int;
  attribute.i = value;
}

void JsonLayer::setFloat(const char *name, double value) {
  Attribute &attribute = node.attributes[name];
  attribute.kind = Attribute::Kind::Float;
  attribute.f = value;
}

void JsonLayer::setInts(const char *name, std::vector<int64_t> values) {
  Attribute &attribute = node.attributes[name];
  attribute.kind = Attribute::Kind::Ints;
  attribute.ints = std::move(values);
}

void JsonLayer::setText(const char *name, std::string value) {
  Attribute &attribute = node.attributes[name];
  attribute.kind = Attribute::Kind::String;
  attribute.s = std::move(value);
}

void JsonLayer::addWeight(const char *role, std::vector<int64_t> shape) {
  Tensor tensor;
  tensor.name = node.name + "." + role;
  tensor.dtype = mpcrt::DType::F32;
  tensor.shape = std::move(shape);
  tensor.line = json.line;
  if (const Json *all = json.find("initializer"); all && all->isObject())
    if (const Json *given = all->find(role)) {
      if (std::optional<Recipe> known = recipe(*given))
        tensor.recipe = *known;
      else
        problem(given->line,
                std::string("has a bad initializer for '") + role + "'",
                "write \"kaiming_uniform\", {\"uniform\": BOUND}, "
                "{\"normal\": STD} or {\"fill\": VALUE}");
    }
  node.inputs.push_back(tensor.name);
  tensors.push_back(std::move(tensor));
}

void JsonLayer::addIntegers(const char *role, std::vector<int64_t> values) {
  Tensor tensor;
  tensor.name = node.name + "." + role;
  tensor.dtype = mpcrt::DType::I64;
  tensor.shape = {static_cast<int64_t>(values.size())};
  tensor.bytes.place = TensorBytes::Place::Stored;
  tensor.isConstantNode = true;
  tensor.small.emplace(values.size() * sizeof(int64_t));
  if (!values.empty())
    std::memcpy(tensor.small->data(), values.data(), tensor.small->size());
  node.inputs.push_back(tensor.name);
  tensors.push_back(std::move(tensor));
}

std::optional<Recipe> JsonLayer::recipe(const Json &given) {
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
