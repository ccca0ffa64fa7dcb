#include "frontend/model/JsonReader.h"
#include "frontend/model/JsonLayerReader.h"
#include "frontend/model/JsonSchema.h"
#include "frontend/model/JsonValues.h"

#include <algorithm>
#include <filesystem>

namespace mpc::frontend {
namespace {

using mpcrt::Code;

// JSON layers mean what ONNX means by them in this opset.
constexpr int64_t jsonOpset = 21;

class Reader {
public:
  Reader(Graph &graph, Problems &problems) : graph(graph), problems(problems) {}

  void read(const Json &root);

private:
  void problem(int line, std::string message, std::string nextAction);
  void checkKeys(const Json &json, const std::vector<std::string> &known,
                 const std::string &where);
  const Json *members(const Json &root, const char *key, const char *example);
  void readName(const Json &root);
  void readSymbols(const Json &root);
  void readInputs(const Json &root);
  void readInput(const std::string &name, const Json &json);
  void readWeights(const Json &root);
  void readConstants(const Json &root);
  void readLayers(const Json &root);
  void readOutputs(const Json &root, const JsonLayerReader &layers);

  Graph &graph;
  Problems &problems;
};

void Reader::problem(int line, std::string message, std::string nextAction) {
  problems.push_back(modelProblem(Code::InvalidData, std::move(message),
                                  std::move(nextAction)));
  problems.back().line = line;
}

void Reader::read(const Json &root) {
  graph.opset = jsonOpset;
  checkKeys(root,
            {"name", "symbols", "inputs", "weights", "constants", "layers",
             "outputs", "$schema"},
            "");
  readName(root);
  readSymbols(root);
  readInputs(root);
  readWeights(root);
  readConstants(root);
  readLayers(root);
}

void Reader::checkKeys(const Json &json, const std::vector<std::string> &known,
                       const std::string &where) {
  for (size_t i = 0; i < json.keys.size(); ++i)
    if (std::find(known.begin(), known.end(), json.keys[i]) == known.end()) {
      UnknownKey text = describeUnknownKey(json.keys[i], known);
      problem(json.items[i].line, where + text.message, text.nextAction);
    }
}

void Reader::readName(const Json &root) {
  const Json *name = root.find("name");
  if (name && name->isText() && !name->text.empty())
    graph.name = name->text;
  else if (name)
    problem(name->line, "'name' is " + shortText(*name) + ", expected a text",
            "write for example \"name\": \"" + graph.name + "\"");
}

// The object under an optional key; null if it is absent or something else.
const Json *Reader::members(const Json &root, const char *key,
                            const char *example) {
  const Json *found = root.find(key);
  if (!found || found->isObject())
    return found;
  problem(found->line,
          "'" + std::string(key) + "' is " + shortText(*found) +
              ", expected an object",
          std::string("write for example ") + example);
  return nullptr;
}

void Reader::readSymbols(const Json &root) {
  const Json *symbols = members(root, "symbols", "{\"batch\": 32}");
  for (size_t i = 0; symbols && i < symbols->keys.size(); ++i) {
    const Json &value = symbols->items[i];
    if (value.isInteger() && value.integer >= 1)
      graph.symbolDefaults[symbols->keys[i]] = value.integer;
    else
      problem(value.line,
              "symbol '" + symbols->keys[i] + "' is " + shortText(value) +
                  ", expected a whole number of at least 1",
              "write for example \"" + symbols->keys[i] + "\": 32");
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
    return problem(inputs ? inputs->line : root.line,
                   inputs ? "'inputs' is " + shortText(*inputs) +
                                ", expected an object with a name per input"
                          : "the model has no 'inputs'",
                   "write for example {\"x\": [\"batch\", 1, 8, 8]}");
  for (size_t i = 0; i < inputs->keys.size(); ++i)
    readInput(inputs->keys[i], inputs->items[i]);
}

void Reader::readInput(const std::string &name, const Json &json) {
  ValueInfo info;
  info.name = name;
  info.line = json.line;
  info.dtype = mpcrt::DType::F32;
  info.shape.emplace();
  std::string what = "input '" + name + "' ";
  const Json *shape = &json;
  if (json.isObject()) {
    checkKeys(json, {"shape", "dtype"}, what + "has a mistake: ");
    shape = json.find("shape");
    const Json *dtype = json.find("dtype");
    const JsonDType *known =
        dtype && dtype->isText() ? findDType(dtype->text) : nullptr;
    if (known)
      info.dtype = known->dtype;
    else if (dtype)
      problem(dtype->line,
              what + "has 'dtype' " + shortText(*dtype) + ", expected " +
                  expectation(dtypeKey("dtype")),
              "write for example \"dtype\": \"int64\"");
  }
  if (name.empty() || !shape || !readShape(*shape, *info.shape))
    problem(json.line,
            what + "has shape " + (shape ? shortText(*shape) : "nothing") +
                ", expected a list of numbers of at least 1 and of symbols",
            "write for example [\"batch\", 3]");
  graph.inputs.push_back(std::move(info));
}

void Reader::readWeights(const Json &root) {
  const Json *weights = members(root, "weights", "{\"table\": [100, 16]}");
  for (size_t i = 0; weights && i < weights->keys.size(); ++i) {
    const Json &json = weights->items[i];
    Tensor tensor;
    tensor.name = weights->keys[i];
    tensor.dtype = mpcrt::DType::F32;
    tensor.line = json.line;
    std::string what = "weight '" + tensor.name + "' ";
    const Json *shape = &json;
    if (json.isObject()) {
      checkKeys(json, {"shape", "initializer"}, what + "has a mistake: ");
      shape = json.find("shape");
      const Json *given = json.find("initializer");
      std::optional<Recipe> recipe = given ? readRecipe(*given) : Recipe();
      if (!recipe)
        problem(given->line,
                what + "has the initializer " + shortText(*given) +
                    ", expected " + recipeForms,
                "write for example {\"normal\": 0.02}");
      tensor.recipe = recipe.value_or(Recipe());
    }
    auto extents = shape ? readExtents(*shape) : std::nullopt;
    if (!extents || tensor.name.empty())
      problem(json.line,
              what + "has shape " + (shape ? shortText(*shape) : "nothing") +
                  ", expected a list of numbers of at least 1",
              "write for example [100, 16]");
    tensor.shape = extents.value_or(std::vector<int64_t>());
    graph.tensors.push_back(std::move(tensor));
  }
}

void Reader::readConstants(const Json &root) {
  const Json *constants = members(root, "constants", "{\"half\": 0.5}");
  for (size_t i = 0; constants && i < constants->keys.size(); ++i) {
    const Json &json = constants->items[i];
    std::string what;
    std::optional<Tensor> tensor = readConstant(json, what);
    if (!tensor || constants->keys[i].empty()) {
      problem(json.line, "constant '" + constants->keys[i] + "' " + what,
              std::string("write a name and ") + constantForms);
      continue;
    }
    tensor->name = constants->keys[i];
    graph.tensors.push_back(std::move(*tensor));
  }
}

void Reader::readLayers(const Json &root) {
  JsonLayerReader reader(graph, problems,
                         graph.inputs.empty() ? "x" : graph.inputs[0].name);
  const Json *layers = root.find("layers");
  if (!layers || !layers->isArray() || layers->items.empty())
    return problem(layers ? layers->line : root.line,
                   layers ? "'layers' is " + shortText(*layers) +
                                ", expected a list with a layer or more"
                          : "the model has no 'layers'",
                   "write a list of objects such as {\"op\": \"relu\"}");
  for (const Json &layer : layers->items)
    reader.read(layer);
  readOutputs(root, reader);
}

void Reader::readOutputs(const Json &root, const JsonLayerReader &layers) {
  const Json *outputs = root.find("outputs");
  if (!outputs) {
    ValueInfo info;
    info.name = layers.last();
    graph.outputs.push_back(std::move(info));
    return;
  }
  if (!outputs->isArray() || outputs->items.empty())
    return problem(outputs->line,
                   "'outputs' is " + shortText(*outputs) +
                       ", expected a list of layers",
                   "write for example [\"" + layers.last() + "\"]");
  const std::vector<std::string> &known = layers.outputs();
  for (const Json &item : outputs->items) {
    ValueInfo info;
    info.name = item.text;
    info.line = item.line;
    if (!item.isText() || item.text.empty() ||
        std::find(known.begin(), known.end(), item.text) == known.end())
      problem(item.line, "output " + shortText(item) + " is no layer",
              "name a layer, such as \"" + layers.last() + "\"");
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
  // What the reader takes and the published schema does not is a mistake too.
  if (problems.size() == before)
    checkJsonSchema(file, *root, problems);
  // Follow-up messages of a broken layer would only confuse.
  if (problems.size() > before)
    return std::nullopt;
  finishGraph(graph, problems);
  return graph;
}

} // namespace mpc::frontend
