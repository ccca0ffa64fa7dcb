#include "frontend/model/JsonLayerReader.h"
#include "frontend/model/JsonValues.h"
#include "frontend/model/Nearest.h"

#include <algorithm>
#include <cctype>

namespace mpc::frontend {

using mpcrt::Code;

static std::string lower(std::string text) {
  for (char &c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

static bool contains(const std::vector<std::string> &names,
                     const std::string &name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

static std::string listed(const std::vector<std::string> &names) {
  std::string all;
  for (const std::string &name : names)
    all += (all.empty() ? "" : ", ") + name;
  return all;
}

UnknownKey describeUnknownKey(const std::string &key,
                              const std::vector<std::string> &known) {
  // What other frameworks call it.
  static const std::map<std::string, std::string> otherWords = {
      {"channels", "filters"},
      {"dim", "axis"},
      {"dims", "axes"},
      {"features", "units"},
      {"num_groups", "groups"},
      {"num_outputs", "outputs"},
      {"out_channels", "filters"},
      {"out_features", "units"},
      {"type", "op"}};
  auto other = otherWords.find(key);
  std::string meant =
      other != otherWords.end() && contains(known, other->second)
          ? other->second
          : nearest(key, known);
  return {"key '" + key + "' is unknown",
          meant.empty() ? "use " + listed(known) : "write '" + meant + "'"};
}

std::string JsonLayerReader::nameOf(const Json &json, const std::string &op) {
  int number = ++counts[lower(op)];
  const Json *name = json.find("name");
  bool isGood = name && name->isText() && !name->text.empty();
  return isGood ? name->text : lower(op) + std::to_string(number);
}

void JsonLayerReader::read(const Json &json) {
  const Json *op = json.find("op");
  if (!op || !op->isText() || op->text.empty()) {
    std::string found = op                ? "'op' is " + shortText(*op)
                        : json.isObject() ? std::string("a layer has no 'op'")
                                          : "a layer is " + shortText(json);
    Problem problem =
        modelProblem(Code::InvalidData, found + ", expected an operator",
                     "write an object such as {\"op\": \"relu\"}");
    problem.line = op ? op->line : json.line;
    problems.push_back(std::move(problem));
    return;
  }
  Node node;
  node.name = nameOf(json, op->text);
  node.opType = op->text;
  node.line = json.line;
  node.outputs = {node.name};
  JsonLayer layer(json, op->text, node, graph, problems);
  readLayer(layer);
  previous = node.outputs.front();
  allOutputs.insert(allOutputs.end(), node.outputs.begin(), node.outputs.end());
  graph.nodes.push_back(std::move(node));
}

// Whether the op is a layer's name but for capitals and underscores.
static bool isMisspelt(const std::string &op) {
  for (const JsonLayerKind &kind : jsonLayerKinds())
    for (const std::string &name : namesOf(kind))
      if (name != op && hasSameLetters(name, op))
        return !findLayerKind(op);
  return false;
}

void JsonLayerReader::readLayer(JsonLayer &layer) {
  const JsonLayerKind *kind = findLayerKind(layer.op);
  bool isOnnxName = std::isupper(static_cast<unsigned char>(layer.op[0]));
  if (kind && !layer.has("attributes"))
    return readKind(layer, *kind);
  if (isOnnxName && !isMisspelt(layer.op))
    return readOnnxNode(layer);
  if (!kind)
    return refuseOp(layer);
  layer.problem(layer.json.find("attributes")->line,
                "'attributes' belong to ONNX's own operators",
                *kind->op ? std::string("write \"op\": \"") + kind->op + "\""
                          : std::string("leave them out"));
}

void JsonLayerReader::refuseOp(JsonLayer &layer) {
  std::vector<std::string> names;
  std::vector<std::string> firsts;
  for (const JsonLayerKind &kind : jsonLayerKinds()) {
    firsts.push_back(kind.names.front());
    for (std::string &name : namesOf(kind))
      names.push_back(std::move(name));
  }
  std::string meant = nearest(layer.op, names);
  layer.problem(layer.json.find("op")->line, "this op is unknown",
                meant.empty()
                    ? "use an ONNX op type, or one of " + listed(firsts)
                    : "write \"" + meant + "\"",
                Code::Unsupported);
}

void JsonLayerReader::readKind(JsonLayer &layer, const JsonLayerKind &kind) {
  layer.node.opType = kind.op;
  size_t before = problems.size();
  std::vector<std::string> own;
  for (const JsonKey &key : kind.keys)
    own.push_back(key.name);
  if (!kind.weights.empty())
    own.push_back("initializer");
  checkKeys(layer, own);
  checkInitializer(layer, kind);
  checkValues(layer, kind);
  readInputs(layer, kind.least, kind.most, /*isOnnx=*/false);
  readOutputs(layer, kind.outputs);
  // Follow-up messages of a broken layer would only confuse.
  if (problems.size() > before)
    return;
  for (const JsonKey &key : kind.keys) {
    if (const Json *value = layer.json.find(key.name))
      layer.apply(key, *value);
    else if (key.place == JsonKey::Place::Operand)
      layer.node.inputs.emplace_back();
  }
  while (!layer.node.inputs.empty() && layer.node.inputs.back().empty())
    layer.node.inputs.pop_back();
  if (kind.read)
    kind.read(layer);
}

void JsonLayerReader::readOnnxNode(JsonLayer &layer) {
  checkKeys(layer, {"attributes"});
  readInputs(layer, 0, anyNumber, /*isOnnx=*/true);
  readOutputs(layer, anyNumber);
  const Json *attributes = layer.json.find("attributes");
  if (!attributes)
    return;
  if (!attributes->isObject())
    return layer.problem(attributes->line,
                         "'attributes' is " + shortText(*attributes) +
                             ", expected an object",
                         "write for example {\"axis\": 1}");
  for (size_t i = 0; i < attributes->keys.size(); ++i) {
    const std::string &name = attributes->keys[i];
    if (!readAttribute(attributes->items[i], layer.node.attributes[name]))
      layer.problem(attributes->items[i].line,
                    "attribute '" + name + "' is " +
                        shortText(attributes->items[i]) +
                        ", expected a number, a text, or a list of these",
                    "write for example \"" + name + "\": 1");
  }
}

void JsonLayerReader::checkKeys(JsonLayer &layer,
                                const std::vector<std::string> &own) {
  std::vector<std::string> known = {"op", "name", "input", "inputs", "outputs"};
  known.insert(known.end(), own.begin(), own.end());
  for (size_t i = 0; i < layer.json.keys.size(); ++i)
    if (!contains(known, layer.json.keys[i])) {
      UnknownKey text = describeUnknownKey(layer.json.keys[i], known);
      if (contains(own, "attributes"))
        text.nextAction = "put the ONNX operator's attributes into "
                          "'attributes'";
      layer.problem(layer.json.items[i].line, text.message, text.nextAction);
    }
  const Json *name = layer.json.find("name");
  if (name && (!name->isText() || name->text.empty()))
    layer.problem(name->line,
                  "'name' is " + shortText(*name) + ", expected a text",
                  "write for example \"name\": \"" + layer.node.name + "\"");
}

void JsonLayerReader::checkInitializer(JsonLayer &layer,
                                       const JsonLayerKind &kind) {
  const Json *all = layer.json.find("initializer");
  if (!all || kind.weights.empty())
    return;
  if (!all->isObject())
    return layer.problem(
        all->line,
        "'initializer' is " + shortText(*all) + ", expected an object",
        "write for example {\"" + kind.weights.front() + "\": {\"fill\": 0}}");
  for (size_t i = 0; i < all->keys.size(); ++i) {
    const std::string &weight = all->keys[i];
    const Json &given = all->items[i];
    if (!contains(kind.weights, weight))
      layer.problem(given.line, "weight '" + weight + "' is unknown",
                    "use " + listed(kind.weights));
    else if (!readRecipe(given))
      layer.problem(given.line,
                    "the initializer of '" + weight + "' is " +
                        shortText(given) + ", expected " + recipeForms,
                    "write for example {\"normal\": 0.02}");
  }
}

void JsonLayerReader::checkValues(JsonLayer &layer, const JsonLayerKind &kind) {
  for (const JsonKey &key : kind.keys) {
    const Json *value = layer.json.find(key.name);
    std::string example =
        "write for example \"" + key.name + "\": " + exampleOf(key);
    if (value && !fits(key, *value))
      layer.problem(value->line,
                    "'" + key.name + "' is " + shortText(*value) +
                        ", expected " + expectation(key),
                    example);
    if (!value && key.isRequired)
      layer.problem(layer.json.line,
                    "needs '" + key.name + "', " + expectation(key), example);
  }
}

void JsonLayerReader::readInputs(JsonLayer &layer, int least, int most,
                                 bool isOnnx) {
  const Json *one = layer.json.find("input");
  const Json *many = layer.json.find("inputs");
  if (one && many)
    return layer.problem(many->line, "has 'input' and 'inputs'",
                         "keep one of them");
  if (many && !many->isArray())
    return layer.problem(
        many->line, "'inputs' is " + shortText(*many) + ", expected a list",
        "write for example [\"" + previous + "\"]");
  if (one)
    readInput(layer, *one, /*mayBeEmpty=*/false);
  else if (many)
    for (const Json &item : many->items)
      readInput(layer, item, isOnnx);
  else if (most > 0)
    layer.node.inputs.push_back(previous);
  auto count = static_cast<int>(layer.node.inputs.size());
  if (count >= least && count <= most)
    return;
  std::string wanted = std::to_string(least);
  if (most != least)
    wanted += most == anyNumber ? " or more" : " to " + std::to_string(most);
  const Json &at = one ? *one : many ? *many : layer.json;
  std::string action = "name them in 'inputs', layers or inputs";
  if (std::isupper(static_cast<unsigned char>(layer.op[0])) && count > most)
    action += "; or write the ONNX node with all its operands and 'attributes'";
  layer.problem(at.line,
                "has " + std::to_string(count) +
                    (count == 1 ? " input" : " inputs") + ", expected " +
                    wanted,
                action);
}

// A name, or a constant that is written in place.
void JsonLayerReader::readInput(JsonLayer &layer, const Json &json,
                                bool mayBeEmpty) {
  if (json.isText() && (mayBeEmpty || !json.text.empty())) {
    layer.node.inputs.push_back(json.text);
    return;
  }
  std::string problem = "is " + shortText(json);
  std::optional<Tensor> constant;
  if (!json.isText())
    constant = readConstant(json, problem);
  if (!constant) {
    layer.problem(json.line, "an input " + problem,
                  std::string("write the name of a layer or input, ") +
                      constantForms);
    constant.emplace();
  }
  constant->name =
      layer.node.name + ".input" + std::to_string(layer.node.inputs.size());
  layer.node.inputs.push_back(constant->name);
  graph.tensors.push_back(std::move(*constant));
}

void JsonLayerReader::readOutputs(JsonLayer &layer, int most) {
  const Json *outputs = layer.json.find("outputs");
  if (!outputs)
    return;
  bool good = outputs->isArray() && !outputs->items.empty() &&
              outputs->items.size() <= static_cast<size_t>(most);
  std::vector<std::string> names;
  if (good)
    for (const Json &item : outputs->items) {
      good &= item.isText();
      names.push_back(item.text);
    }
  if (!good || names.front().empty())
    return layer.problem(outputs->line,
                         "'outputs' is " + shortText(*outputs) +
                             ", expected a list of " +
                             (most == 1 ? "one name" : "names"),
                         "write for example [\"" + layer.node.name + "\"]");
  layer.node.outputs = std::move(names);
}

} // namespace mpc::frontend
