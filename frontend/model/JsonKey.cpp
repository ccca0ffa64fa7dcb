#include "frontend/model/JsonKey.h"

#include <algorithm>
#include <cmath>

namespace mpc::frontend {

using Type = JsonKey::Type;

static JsonKey makeKey(std::string name, Type type, int64_t least = INT64_MIN) {
  JsonKey key;
  key.attribute = name;
  key.name = std::move(name);
  key.type = type;
  key.least = least;
  return key;
}

JsonKey JsonKey::required() const {
  JsonKey key = *this;
  key.isRequired = true;
  return key;
}
JsonKey JsonKey::as(std::string attribute) const {
  JsonKey key = *this;
  key.attribute = std::move(attribute);
  return key;
}
JsonKey JsonKey::operand() const {
  JsonKey key = *this;
  key.place = Place::Operand;
  return key;
}
JsonKey JsonKey::read() const {
  JsonKey key = *this;
  key.place = Place::Read;
  return key;
}

JsonKey integerKey(std::string name, int64_t least) {
  return makeKey(std::move(name), Type::Integer, least);
}
JsonKey numberKey(std::string name) {
  return makeKey(std::move(name), Type::Number);
}
JsonKey flagKey(std::string name) {
  return makeKey(std::move(name), Type::Flag);
}
JsonKey textKey(std::string name) {
  return makeKey(std::move(name), Type::Text);
}
JsonKey choiceKey(std::string name, std::vector<std::string> choices) {
  JsonKey key = makeKey(std::move(name), Type::Choice);
  key.choices = std::move(choices);
  return key;
}
JsonKey integersKey(std::string name, int64_t least) {
  return makeKey(std::move(name), Type::Integers, least);
}
JsonKey numbersKey(std::string name) {
  return makeKey(std::move(name), Type::Numbers);
}
JsonKey windowKey(std::string name, int64_t least) {
  return makeKey(std::move(name), Type::Window, least).read();
}
JsonKey padKey(std::string name) {
  return makeKey(std::move(name), Type::Pad, 0).read();
}
JsonKey dtypeKey(std::string name) {
  return makeKey(std::move(name), Type::DType);
}

static bool isNumber(const Json &value) {
  return value.isNumber() && std::isfinite(value.number);
}

// A list of 1 to `most` whole numbers of at least `least`.
static bool isList(const Json &value, int64_t least, size_t most) {
  return value.isArray() && !value.items.empty() &&
         value.items.size() <= most &&
         std::all_of(value.items.begin(), value.items.end(),
                     [&](const Json &item) {
                       return item.isInteger() && item.integer >= least;
                     });
}

bool fits(const JsonKey &key, const Json &value) {
  switch (key.type) {
  case Type::Integer:
    return value.isInteger() && value.integer >= key.least;
  case Type::Number:
    return isNumber(value);
  case Type::Flag:
    return value.kind == Json::Kind::Bool;
  case Type::Text:
    return value.isText() && !value.text.empty();
  case Type::Choice:
    return value.isText() && std::find(key.choices.begin(), key.choices.end(),
                                       value.text) != key.choices.end();
  case Type::Integers:
    return isList(value, key.least, SIZE_MAX);
  case Type::Numbers:
    return value.isArray() && !value.items.empty() &&
           std::all_of(value.items.begin(), value.items.end(), isNumber);
  case Type::Window:
    return isList(value, key.least, 2) ||
           (value.isInteger() && value.integer >= key.least);
  case Type::Pad:
    return (value.isText() && value.text == "same") ||
           (value.isInteger() && value.integer >= 0) ||
           (isList(value, 0, 4) && value.items.size() != 3);
  case Type::DType:
    return value.isText() && findDType(value.text);
  }
  return false;
}

static std::string atLeast(int64_t least) {
  return least == INT64_MIN ? "" : " of at least " + std::to_string(least);
}

std::string expectation(const JsonKey &key) {
  std::string names;
  switch (key.type) {
  case Type::Integer:
    return "a whole number" + atLeast(key.least);
  case Type::Number:
    return "a number";
  case Type::Flag:
    return "true or false";
  case Type::Text:
    return "a text";
  case Type::Choice:
    for (const std::string &choice : key.choices)
      names += (names.empty() ? "\"" : ", \"") + choice + "\"";
    return "one of " + names;
  case Type::Integers:
    return "a list of whole numbers" + atLeast(key.least);
  case Type::Numbers:
    return "a list of numbers";
  case Type::Window:
    return "a whole number" + atLeast(key.least) +
           ", or a list of one or two such numbers";
  case Type::Pad:
    return "a whole number of at least 0, a list of one, two or four such "
           "numbers, or \"same\"";
  case Type::DType:
    for (const JsonDType &type : jsonDTypes())
      names += (names.empty() ? "" : ", ") + std::string(type.name);
    return "one of " + names;
  }
  return "";
}

std::string exampleOf(const JsonKey &key) {
  std::string number = std::to_string(std::max<int64_t>(key.least, 1));
  switch (key.type) {
  case Type::Integer:
    return number;
  case Type::Number:
    return "0.5";
  case Type::Flag:
    return "true";
  case Type::Text:
    return "\"ij,jk->ik\"";
  case Type::Choice:
    return "\"" + key.choices.front() + "\"";
  case Type::Integers:
    return "[" + number + "]";
  case Type::Numbers:
    return "[0, 1]";
  case Type::Window:
    return "[3, 3]";
  case Type::Pad:
    return "[1, 1]";
  case Type::DType:
    return "\"float32\"";
  }
  return "";
}

const std::vector<JsonDType> &jsonDTypes() {
  using mpcrt::DType;
  static const std::vector<JsonDType> types = {
      {"float32", DType::F32, 1},    {"float16", DType::F16, 10},
      {"bfloat16", DType::BF16, 16}, {"int64", DType::I64, 7},
      {"int32", DType::I32, 6},      {"bool", DType::Bool, 9},
      {"f32", DType::F32, 1},        {"f16", DType::F16, 10},
      {"bf16", DType::BF16, 16}};
  return types;
}

const JsonDType *findDType(const std::string &name) {
  for (const JsonDType &type : jsonDTypes())
    if (name == type.name)
      return &type;
  return nullptr;
}

} // namespace mpc::frontend
