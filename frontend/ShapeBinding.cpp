#include "frontend/ShapeBinding.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace mpc::frontend {

using mpcrt::Code;

// "AxBxC" as numbers of at least 1; empty if it is something else.
static std::vector<int64_t> parseExtents(const std::string &text) {
  std::vector<int64_t> extents;
  const char *at = text.data();
  const char *end = at + text.size();
  while (true) {
    int64_t extent = 0;
    auto [next, error] = std::from_chars(at, end, extent);
    if (error != std::errc() || extent < 1)
      return {};
    extents.push_back(extent);
    if (next == end)
      return extents;
    if (*next != 'x')
      return {};
    at = next + 1;
  }
}

static std::set<std::string> symbolsOf(const Graph &graph) {
  std::set<std::string> symbols;
  for (const ValueInfo &input : graph.inputs)
    if (input.shape)
      for (const Dimension &dim : *input.shape)
        if (dim.size == unknownSize && !dim.symbol.empty())
          symbols.insert(dim.symbol);
  return symbols;
}

static std::string joined(const std::set<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "'" : ", '") + name + "'";
  return text.empty() ? "none" : text;
}

ShapeBinding::ShapeBinding(
    const Graph &graph, const std::vector<std::string> &options,
    const std::map<std::string, std::vector<int64_t>> &arrays,
    Problems &problems)
    : defaults(graph.symbolDefaults) {
  for (const std::string &option : options)
    bind(graph, option, problems);
  for (const ValueInfo &input : graph.inputs)
    if (auto array = arrays.find(input.name);
        array != arrays.end() && !shapeOf(input))
      bindArray(input, array->second);
}

// An array that does not fit is reported when it is read.
void ShapeBinding::bindArray(const ValueInfo &input,
                             const std::vector<int64_t> &shape) {
  if (!input.shape) {
    inputs[input.name] = shape;
    return;
  }
  if (input.shape->size() != shape.size())
    return;
  std::vector<int64_t> extents = shape;
  for (size_t i = 0; i < shape.size(); ++i) {
    const Dimension &dim = (*input.shape)[i];
    if (dim.size != unknownSize)
      extents[i] = dim.size;
    else if (!dim.symbol.empty())
      extents[i] = symbols.emplace(dim.symbol, shape[i]).first->second;
  }
  inputs[input.name] = extents;
}

void ShapeBinding::bind(const Graph &graph, const std::string &option,
                        Problems &problems) {
  size_t equals = option.rfind('=');
  std::string name = option.substr(0, equals);
  std::vector<int64_t> extents;
  if (equals != std::string::npos)
    extents = parseExtents(option.substr(equals + 1));
  if (extents.empty()) {
    problems.push_back(modelProblem(
        Code::Usage,
        "--shape " + option + " is neither SYMBOL=N nor INPUT=AxBxC",
        "write for example batch=32 or x=32x3x8x8"));
    return;
  }
  std::set<std::string> symbols = symbolsOf(graph);
  if (extents.size() == 1 && symbols.count(name))
    return bindSymbol(name, extents[0], problems);
  std::set<std::string> names;
  for (const ValueInfo &input : graph.inputs) {
    names.insert(input.name);
    if (input.name == name)
      return bindInput(input, option, extents, problems);
  }
  problems.push_back(modelProblem(
      Code::Usage,
      "--shape " + option + " names neither a symbol (" + joined(symbols) +
          ") nor an input (" + joined(names) + ")",
      "use one of these names"));
}

void ShapeBinding::bindInput(const ValueInfo &input, const std::string &option,
                             const std::vector<int64_t> &extents,
                             Problems &problems) {
  if (input.shape && input.shape->size() != extents.size()) {
    problems.push_back(modelProblem(
        Code::InvalidData,
        "--shape " + option + " gives " + std::to_string(extents.size()) +
            " extents, but input '" + input.name + "' has " +
            std::to_string(input.shape->size()),
        "give one number per dimension"));
    return;
  }
  inputs[input.name] = extents;
  if (input.shape)
    for (size_t i = 0; i < extents.size(); ++i)
      if (const Dimension &dim = (*input.shape)[i];
          dim.size == unknownSize && !dim.symbol.empty())
        bindSymbol(dim.symbol, extents[i], problems);
}

void ShapeBinding::bindSymbol(const std::string &symbol, int64_t extent,
                              Problems &problems) {
  auto [it, isNew] = symbols.emplace(symbol, extent);
  if (!isNew && it->second != extent)
    problems.push_back(modelProblem(Code::Usage,
                                    "--shape binds '" + symbol + "' to " +
                                        std::to_string(it->second) +
                                        " and to " + std::to_string(extent),
                                    "give it one value"));
}

std::optional<std::vector<int64_t>>
ShapeBinding::shapeOf(const ValueInfo &input) const {
  if (auto it = inputs.find(input.name); it != inputs.end())
    return it->second;
  if (!input.shape)
    return std::nullopt;
  std::vector<int64_t> shape;
  for (const Dimension &dim : *input.shape) {
    int64_t extent = dim.size;
    if (extent == unknownSize && !dim.symbol.empty()) {
      if (auto it = symbols.find(dim.symbol); it != symbols.end())
        extent = it->second;
      else if (auto given = defaults.find(dim.symbol); given != defaults.end())
        extent = given->second;
    }
    if (extent == unknownSize)
      return std::nullopt;
    shape.push_back(extent);
  }
  return shape;
}

void ShapeBinding::reportUnbound(const Graph &graph, Problems &problems) const {
  std::set<std::string> open;
  std::string whole;
  for (const ValueInfo &input : graph.inputs) {
    // An input that no program holds has been refused already.
    bool isHeld = input.dtype && mpcrt::isProgramDType(*input.dtype);
    if (shapeOf(input) || !isHeld)
      continue;
    bool named = input.shape.has_value();
    if (input.shape)
      for (const Dimension &dim : *input.shape) {
        if (dim.size != unknownSize)
          continue;
        if (dim.symbol.empty())
          named = false;
        else if (!symbols.count(dim.symbol) && !defaults.count(dim.symbol))
          open.insert(dim.symbol);
      }
    if (!named)
      whole += (whole.empty() ? "'" : ", '") + input.name + "'";
  }
  if (open.empty() && whole.empty())
    return;
  std::string message = "the model leaves extents open:";
  std::string action = "bind them with";
  if (!open.empty()) {
    message += " symbols " + joined(open);
    action += " --shape " + *open.begin() + "=N";
  }
  if (!whole.empty()) {
    message += " the shape of inputs " + whole;
    action += " --shape INPUT=AxBxC";
  }
  problems.push_back(modelProblem(Code::InvalidData, message, action));
}

} // namespace mpc::frontend
