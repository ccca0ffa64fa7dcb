#include "frontend/model/JsonReader.h"
#include "frontend/model/JsonLayers.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

namespace mpc::frontend {
namespace {

using mpcrt::Code;

// JSON layers mean what ONNX means by them in this opset.
constexpr int64_t jsonOpset = 17;

class Reader {
public:
  Reader(Graph &graph, Problems &problems) : graph(graph), problems(problems) {}

  void read(const Json &root);

private:
  void problem(int line, std::string message, std::string nextAction);
  void checkKeys(const Json &root);
  void readSymbols(const Json &root);
  void readInputs(const Json &root);
  void readLayers(const Json &root);
  void readLayer(const Json &json);
  void readLayerInputs(JsonLayer &layer, const JsonLayerKind &kind);
  void checkLayerKeys(JsonLayer &layer, const JsonLayerKind &kind);
  void readOutputs(const Json &root);
  std::string layerName(const Json &json, const std::string &op);
  const JsonLayerKind *findKind(JsonLayer &layer);

  Graph &graph;
  Problems &problems;
  std::map<std::string, int> counts;
  std::string previous; // the value that the next layer reads
};

std::string lower(std::string text) {
  for (char &c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

void Reader::problem(int line, std::string message, std::string nextAction) {
  problems.push_back(modelProblem(Code::InvalidData, std::move(message),
                                  std::move(nextAction)));
  problems.back().line = line;
}

void Reader::read(const Json &root) {
  graph.opset = jsonOpset;
  checkKeys(root);
  if (const Json *name = root.find("name")) {
    if (name->isText() && !name->text.empty())
      graph.name = name->text;
    else
      problem(name->line, "has a bad 'name'", "write a text");
  }
  readSymbols(root);
  readInputs(root);
  readLayers(root);
  readOutputs(root);
}

void Reader::checkKeys(const Json &root) {
  static const std::set<std::string> known = {"name",   "symbols", "inputs",
                                              "layers", "outputs", "$schema"};
  for (size_t i = 0; i < root.keys.size(); ++i)
    if (!known.count(root.keys[i]))
      problem(root.items[i].line, "key '" + root.keys[i] + "' is unknown",
              "a model has name, symbols, inputs, layers and outputs");
}

void Reader::readSymbols(const Json &root) {
  const Json *symbols = root.find("symbols");
  if (!symbols)
    return;
  if (!symbols->isObject())
    return problem(symbols->line, "has bad 'symbols'",
                   "write an object such as {\"batch\": 32}");
  for (size_t i = 0; i < symbols->keys.size(); ++i) {
    const Json &value = symbols->items[i];
    if (value.isInteger() && value.integer >= 1)
      graph.symbolDefaults[symbols->keys[i]] = value.integer;
    else
      problem(value.line, "symbol '" + symbols->keys[i] + "' has a bad value",
              "write a whole number of at least 1");
  }
}

// A dimension is a number or the name of a symbol.
bool readShape(const Json &json, std::vector<Dimension> &shape) {
  if (!json.isArray())
    return false;
  for (const Json &item : json.items) {
    Dimension dimension;
    if (item.isInteger() && item.integer >= 1)
      dimension.size = item.integer;
    else if (item.isText() && !item.text.empty())
      dimension.symbol = item.text;
    else
      return false;
    shape.push_back(std::move(dimension));
  }
  return true;
}

void Reader::readInputs(const Json &root) {
  const Json *inputs = root.find("inputs");
  if (!inputs || !inputs->isObject() || inputs->keys.empty())
    return problem(inputs ? inputs->line : root.line, "needs 'inputs'",
                   "write an object such as {\"x\": [\"batch\", 1, 8, 8]}");
  for (size_t i = 0; i < inputs->keys.size(); ++i) {
    ValueInfo info;
    info.name = inputs->keys[i];
    info.line = inputs->items[i].line;
    info.dtype = mpcrt::DType::F32;
    info.shape.emplace();
    if (info.name.empty() || !readShape(inputs->items[i], *info.shape))
      problem(info.line, "input '" + info.name + "' has a bad shape",
              "write a list of extents (numbers of at least 1) and symbols");
    graph.inputs.push_back(std::move(info));
  }
  previous = graph.inputs.front().name;
}

void Reader::readLayers(const Json &root) {
  const Json *layers = root.find("layers");
  if (!layers || !layers->isArray() || layers->items.empty())
    return problem(layers ? layers->line : root.line, "needs 'layers'",
                   "write a list of objects such as {\"op\": \"Relu\"}");
  for (const Json &layer : layers->items)
    readLayer(layer);
}

std::string Reader::layerName(const Json &json, const std::string &op) {
  int number = ++counts[op];
  const Json *name = json.find("name");
  if (name && name->isText() && !name->text.empty())
    return name->text;
  if (name)
    problem(name->line, "a layer has a bad 'name'", "write a text");
  return lower(op) + std::to_string(number);
}

// The kind that the layer's `op` names; a kind of another case, or what others
// call it, is suggested.
const JsonLayerKind *Reader::findKind(JsonLayer &layer) {
  static const std::map<std::string, std::string> otherNames = {
      {"dense", "Gemm"},
      {"linear", "Gemm"},
      {"fc", "Gemm"},
      {"conv2d", "Conv"},
      {"maxpool2d", "MaxPool"},
      {"avgpool", "AveragePool"},
      {"avgpool2d", "AveragePool"},
      {"batchnorm", "BatchNormalization"},
      {"batchnorm2d", "BatchNormalization"}};
  std::string wanted = lower(layer.node.opType);
  if (auto it = otherNames.find(wanted); it != otherNames.end())
    wanted = lower(it->second);
  std::string all;
  std::string action;
  for (const JsonLayerKind &kind : jsonLayerKinds()) {
    if (layer.node.opType == kind.op)
      return &kind;
    if (wanted == lower(kind.op))
      action = std::string("write \"") + kind.op + "\"";
    all += (all.empty() ? "" : ", ") + std::string(kind.op);
  }
  layer.problem(layer.json.find("op")->line, "this op is unknown",
                action.empty() ? "use one of " + all : action,
                Code::Unsupported);
  return nullptr;
}

void Reader::readLayer(const Json &json) {
  const Json *op = json.find("op");
  if (!json.isObject() || !op || !op->isText())
    return problem(json.line, "a layer needs 'op'",
                   "write an object such as {\"op\": \"Relu\"}");
  Node node;
  node.opType = op->text;
  node.name = layerName(json, op->text);
  node.line = json.line;
  node.outputs = {node.name};
  JsonLayer layer(json, node, graph.tensors, problems);
  const JsonLayerKind *kind = findKind(layer);
  if (kind) {
    readLayerInputs(layer, *kind);
    checkLayerKeys(layer, *kind);
    kind->read(layer);
  }
  previous = node.name;
  graph.nodes.push_back(std::move(node));
}

void Reader::readLayerInputs(JsonLayer &layer, const JsonLayerKind &kind) {
  const Json *one = layer.json.find("input");
  const Json *many = layer.json.find("inputs");
  std::vector<std::string> &inputs = layer.node.inputs;
  bool good = !(one && many);
  if (one) {
    good &= one->isText() && !one->text.empty();
    inputs.push_back(one->text);
  } else if (many) {
    good &= many->isArray();
    for (const Json &item : many->items) {
      good &= item.isText() && !item.text.empty();
      inputs.push_back(item.text);
    }
  } else {
    inputs.push_back(previous);
  }
  if (good && static_cast<int>(inputs.size()) == kind.inputs)
    return;
  layer.problem((one    ? *one
                 : many ? *many
                        : layer.json)
                    .line,
                "has " + std::to_string(inputs.size()) + " inputs",
                kind.inputs == 1 ? "name one layer or input in 'input'"
                                 : "name " + std::to_string(kind.inputs) +
                                       " layers or inputs in 'inputs'");
}

void Reader::checkLayerKeys(JsonLayer &layer, const JsonLayerKind &kind) {
  std::vector<std::string> known = {"op", "name", "input", "inputs"};
  known.insert(known.end(), kind.keys.begin(), kind.keys.end());
  if (!kind.weights.empty())
    known.push_back("initializer");
  auto check = [&](const Json &json, const std::vector<std::string> &names,
                   const char *what) {
    std::string all;
    for (const std::string &name : names)
      all += (all.empty() ? "" : ", ") + name;
    for (size_t i = 0; i < json.keys.size(); ++i)
      if (std::find(names.begin(), names.end(), json.keys[i]) == names.end())
        layer.problem(json.items[i].line,
                      std::string(what) + " '" + json.keys[i] + "' is unknown",
                      "use " + all);
  };
  check(layer.json, known, "key");
  if (const Json *initializer = layer.json.find("initializer")) {
    if (initializer->isObject())
      check(*initializer, kind.weights, "weight");
    else
      layer.problem(initializer->line, "has a bad 'initializer'",
                    "write an object such as {\"bias\": {\"fill\": 0}}");
  }
}

void Reader::readOutputs(const Json &root) {
  const Json *outputs = root.find("outputs");
  if (!outputs) {
    if (graph.nodes.empty())
      return;
    ValueInfo info;
    info.name = previous;
    graph.outputs.push_back(std::move(info));
    return;
  }
  if (!outputs->isArray() || outputs->items.empty())
    return problem(outputs->line, "has bad 'outputs'",
                   "write a list of layer names");
  for (const Json &item : outputs->items) {
    ValueInfo info;
    info.name = item.text;
    info.line = item.line;
    bool known =
        std::any_of(graph.nodes.begin(), graph.nodes.end(),
                    [&](const Node &node) { return node.name == item.text; });
    if (!known)
      problem(item.line, "output '" + item.text + "' is no layer",
              "name one of the layers");
    graph.outputs.push_back(std::move(info));
  }
}

} // namespace

std::optional<Graph> readJson(std::span<const std::byte> file,
                              const std::string &path, Problems &problems) {
  auto root = parseJson(file);
  if (root.ok() && !root->isObject())
    root = mpcrt::Status(Code::InvalidData, "the file holds no JSON object");
  if (!root.ok()) {
    problems.push_back(modelProblem(Code::InvalidData, root.status().message(),
                                    "see docs/json-model.md"));
    return std::nullopt;
  }
  Graph graph;
  graph.path = path;
  graph.name = std::filesystem::path(path).stem().string();
  size_t before = problems.size();
  Reader(graph, problems).read(*root);
  // Follow-up messages of a broken layer would only confuse.
  if (problems.size() > before)
    return std::nullopt;
  finishGraph(graph, problems);
  return graph;
}

} // namespace mpc::frontend
