#include "frontend/model/JsonSchema.h"
#include "frontend/model/JsonLayers.h"

#include <nlohmann/json.hpp>

namespace mpc::frontend {
namespace {

using Object = nlohmann::ordered_json;

Object reference(const std::string &definition) {
  return {{"$ref", "#/definitions/" + definition}};
}

Object listOf(Object item, int least = 0) {
  Object list = {{"type", "array"}, {"items", std::move(item)}};
  if (least > 0)
    list["minItems"] = least;
  return list;
}

Object wholeNumber(int64_t least) {
  Object number = {{"type", "integer"}};
  if (least != INT64_MIN)
    number["minimum"] = least;
  return number;
}

Object closed(Object properties) {
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

Object oneOf(std::vector<Object> forms) {
  return {{"anyOf", std::move(forms)}};
}

Object numbers(int64_t least, int most) {
  Object list = listOf(wholeNumber(least), 1);
  list["maxItems"] = most;
  return list;
}

Object schemaOf(const JsonKey &key) {
  using Type = JsonKey::Type;
  switch (key.type) {
  case Type::Integer:
    return wholeNumber(key.least);
  case Type::Number:
    return {{"type", "number"}};
  case Type::Flag:
    return {{"type", "boolean"}};
  case Type::Text:
    return reference("name");
  case Type::Choice:
    return {{"enum", key.choices}};
  case Type::Integers:
    return listOf(wholeNumber(key.least), 1);
  case Type::Numbers:
    return listOf({{"type", "number"}}, 1);
  case Type::Window:
    return oneOf({wholeNumber(key.least), numbers(key.least, 2)});
  case Type::Pad:
    return oneOf({wholeNumber(0),
                  numbers(0, 2),
                  {{"type", "array"},
                   {"items", wholeNumber(0)},
                   {"minItems", 4},
                   {"maxItems", 4}},
                  {{"enum", {"same"}}}});
  case Type::DType:
    return reference("dtype");
  }
  return {};
}

Object commonKeys(const std::string &inputs) {
  return {{"name", reference("name")},
          {"input", reference("operand")},
          {"inputs", listOf(reference(inputs))},
          {"outputs", listOf({{"type", "string"}}, 1)}};
}

Object layerSchema(const JsonLayerKind &kind) {
  Object properties = {{"op", {{"enum", namesOf(kind)}}}};
  properties.update(commonKeys("operand"));
  if (kind.most < anyNumber)
    properties["inputs"]["maxItems"] = kind.most;
  if (kind.least > 0)
    properties["inputs"]["minItems"] = kind.least;
  if (kind.outputs < anyNumber)
    properties["outputs"]["maxItems"] = kind.outputs;
  if (kind.least > 1 || kind.most == 0)
    properties.erase("input");
  Object required = {"op"};
  if (kind.least > 1)
    required.push_back("inputs");
  for (const JsonKey &key : kind.keys) {
    properties[key.name] = schemaOf(key);
    if (key.isRequired)
      required.push_back(key.name);
  }
  Object initializer = Object::object();
  for (const std::string &weight : kind.weights)
    initializer[weight] = reference("initializer");
  if (!kind.weights.empty())
    properties["initializer"] = closed(std::move(initializer));
  Object schema = closed(std::move(properties));
  schema["required"] = std::move(required);
  return schema;
}

Object onnxNode() {
  Object properties = {{"op", {{"type", "string"}, {"pattern", "^[A-Z]"}}}};
  properties.update(commonKeys("optionalOperand"));
  Object number = {{"type", "number"}};
  Object text = {{"type", "string"}};
  properties["attributes"] = {
      {"type", "object"},
      {"additionalProperties", oneOf({number,
                                      text,
                                      {{"type", "boolean"}},
                                      listOf(number),
                                      listOf(text)})}};
  Object schema = closed(std::move(properties));
  schema["required"] = {"op"};
  return schema;
}

// Which of the layer schemas holds is told by `op`, and by `attributes`, which
// only ONNX's own form has.
Object layer() {
  Object known = Object::array();
  Object choices = Object::array();
  for (const JsonLayerKind &kind : jsonLayerKinds()) {
    for (const std::string &name : namesOf(kind))
      known.push_back(name);
    Object condition = {{"properties", {{"op", {{"enum", namesOf(kind)}}}}},
                        {"required", {"op"}},
                        {"not", {{"required", {"attributes"}}}}};
    choices.push_back({{"if", std::move(condition)},
                       {"then", reference("layers/" + kind.names.front())}});
  }
  Object isKnown = {{"properties", {{"op", {{"enum", std::move(known)}}}}},
                    {"not", {{"required", {"attributes"}}}}};
  choices.push_back(
      {{"if", std::move(isKnown)}, {"else", reference("onnxNode")}});
  return {{"type", "object"},
          {"properties", {{"op", reference("name")}}},
          {"required", {"op"}},
          {"allOf", std::move(choices)}};
}

Object initializer() {
  Object positive = {{"type", "number"}, {"exclusiveMinimum", 0}};
  std::vector<Object> forms = {{{"enum", {"kaiming_uniform"}}}};
  for (auto [name, number] :
       {std::pair<const char *, Object>("uniform", positive),
        {"normal", positive},
        {"fill", {{"type", "number"}}}}) {
    Object form = closed({{name, number}});
    form["required"] = {name};
    forms.push_back(std::move(form));
  }
  return oneOf(std::move(forms));
}

Object dtypes(bool narrow) {
  Object names = Object::array();
  for (const JsonDType &type : jsonDTypes())
    if (narrow ||
        (type.dtype != mpcrt::DType::F16 && type.dtype != mpcrt::DType::BF16))
      names.push_back(type.name);
  return {{"enum", std::move(names)}};
}

Object withShape(Object shape, Object more) {
  Object properties = {{"shape", shape}};
  properties.update(more);
  Object object = closed(std::move(properties));
  object["required"] = {"shape"};
  return oneOf({std::move(shape), std::move(object)});
}

Object definitions() {
  Object elements =
      oneOf({{{"type", {"number", "boolean"}}}, listOf(reference("elements"))});
  Object constant = closed({{"value", reference("elements")},
                            {"dtype", dtypes(/*narrow=*/false)},
                            {"shape", reference("extents")}});
  constant["required"] = {"value"};
  Object layers = Object::object();
  for (const JsonLayerKind &kind : jsonLayerKinds())
    layers[kind.names.front()] = layerSchema(kind);
  Object dimension = oneOf({wholeNumber(1), reference("name")});
  return {
      {"name", {{"type", "string"}, {"minLength", 1}}},
      {"dtype", dtypes(/*narrow=*/true)},
      {"extents", listOf(wholeNumber(1))},
      {"initializer", initializer()},
      {"input", withShape(listOf(dimension), {{"dtype", reference("dtype")}})},
      {"weight", withShape(reference("extents"),
                           {{"initializer", reference("initializer")}})},
      {"elements", std::move(elements)},
      {"constant", oneOf({reference("elements"), std::move(constant)})},
      {"operand", oneOf({reference("name"), reference("constant")})},
      {"optionalOperand", oneOf({{{"type", "string"}}, reference("constant")})},
      {"layer", layer()},
      {"onnxNode", onnxNode()},
      {"layers", std::move(layers)},
  };
}

Object membersOf(Object member, int least = 0) {
  Object object = {{"type", "object"},
                   {"propertyNames", reference("name")},
                   {"additionalProperties", std::move(member)}};
  if (least > 0)
    object["minProperties"] = least;
  return object;
}

} // namespace

std::string jsonModelSchema() {
  Object schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                   {"title", "mpc model"},
                   {"description", "docs/json-model.md explains the format."}};
  schema.update(closed({{"$schema", {{"type", "string"}}},
                        {"name", reference("name")},
                        {"symbols", membersOf(wholeNumber(1))},
                        {"inputs", membersOf(reference("input"), 1)},
                        {"weights", membersOf(reference("weight"))},
                        {"constants", membersOf(reference("constant"))},
                        {"layers", listOf(reference("layer"), 1)},
                        {"outputs", listOf(reference("name"), 1)}}));
  schema["required"] = {"inputs", "layers"};
  schema["definitions"] = definitions();
  return schema.dump(2) + "\n";
}

} // namespace mpc::frontend
