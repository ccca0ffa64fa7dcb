#include "test/fuzz/FuzzGraph.h"

#include "frontend/ShapeBinding.h"
#include "frontend/model/IntTensor.h"
#include "frontend/model/OnnxTensor.h"

#include <cstdlib>

namespace mpc::frontend::fuzz {
namespace {

void require(bool holds) {
  if (!holds)
    std::abort();
}

void readTensors(const Graph &graph, std::span<const std::byte> file) {
  for (const Tensor &tensor : graph.tensors) {
    auto place = tensor.bytes.place;
    if (place != TensorBytes::Place::Raw && place != TensorBytes::Place::Typed)
      continue;
    require(tensor.bytes.offset <= file.size() &&
            tensor.bytes.length <= file.size() - tensor.bytes.offset);
    if (place == TensorBytes::Place::Typed)
      (void)decodeTensor(file.subspan(tensor.bytes.offset, tensor.bytes.length),
                         tensor);
    if (tensor.small && tensor.dtype)
      require(byteSize(tensor) == tensor.small->size());
  }
}

// A model without problems is sorted: whoever reads a value comes after it.
void requireOrder(const Graph &graph) {
  std::map<std::string, int> known;
  for (const ValueInfo &input : graph.inputs)
    ++known[input.name];
  for (const Tensor &tensor : graph.tensors)
    ++known[tensor.name];
  for (const Node &node : graph.nodes) {
    require(!node.name.empty() || node.opType.empty());
    for (const std::string &input : node.inputs)
      require(input.empty() || known.count(input) > 0);
    for (const std::string &output : node.outputs)
      require(output.empty() || ++known[output] == 1);
  }
  for (const ValueInfo &output : graph.outputs)
    require(known.count(output.name) > 0);
}

void bindSymbols(const Graph &graph) {
  std::vector<std::string> options = {"batch=2", "x=2x3", "=", "x=0", "batch"};
  for (const ValueInfo &input : graph.inputs)
    if (input.shape)
      for (const Dimension &dim : *input.shape)
        options.push_back(dim.symbol + "=3");
  Problems problems;
  ShapeBinding binding(graph, options, {}, problems);
  binding.reportUnbound(graph, problems);
  for (const auto *infos : {&graph.inputs, &graph.outputs, &graph.valueInfos})
    for (const ValueInfo &info : *infos)
      (void)binding.shapeOf(info);
}

void foldNodes(const Graph &graph) {
  std::map<std::string, IntTensor> known;
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const Tensor &tensor : graph.tensors) {
    shapes[tensor.name] = tensor.shape;
    if (auto ints = toIntTensor(tensor))
      known[tensor.name] = std::move(*ints);
  }
  const IntTensor unknown{mpcrt::DType::I64, {2}, {-1, 3}};
  for (const Node &node : graph.nodes) {
    std::vector<FoldOperand> operands;
    for (const std::string &input : node.inputs) {
      auto ints = known.find(input);
      auto shape = shapes.find(input);
      const IntTensor *value = ints == known.end() ? &unknown : &ints->second;
      operands.push_back(
          {value, shape == shapes.end() ? &value->shape : &shape->second});
    }
    auto folded = foldIntegers(node, operands);
    if (!folded)
      continue;
    require(mpcrt::elementCount(folded->shape) ==
            static_cast<int64_t>(folded->values.size()));
    if (node.outputs.size() == 1)
      known[node.outputs[0]] = std::move(*folded);
  }
}

} // namespace

void importWithoutIr(const Graph &graph, std::span<const std::byte> file,
                     const Problems &problems) {
  readTensors(graph, file);
  if (problems.empty())
    requireOrder(graph);
  bindSymbols(graph);
  foldNodes(graph);
  for (const Problem &problem : problems) {
    require(problem.code != mpcrt::Code::Ok && !problem.message.empty());
    (void)toText(problem, graph.path);
  }
}

} // namespace mpc::frontend::fuzz
