// Any bytes as a model, ONNX and JSON: no crash, and a model that is read
// without problems gives up every tensor that lies in the file.
#include "frontend/model/IntTensor.h"
#include "frontend/model/JsonReader.h"
#include "frontend/model/OnnxReader.h"
#include "frontend/model/OnnxTensor.h"

#include <cstdlib>

using namespace mpc::frontend;

static void check(const Graph &graph, std::span<const std::byte> file) {
  for (const Tensor &tensor : graph.tensors) {
    (void)toIntTensor(tensor);
    auto place = tensor.bytes.place;
    if (place != TensorBytes::Place::Raw && place != TensorBytes::Place::Typed)
      continue;
    if (tensor.bytes.offset > file.size() ||
        tensor.bytes.length > file.size() - tensor.bytes.offset)
      std::abort();
    if (place == TensorBytes::Place::Typed)
      (void)decodeTensor(file.subspan(tensor.bytes.offset, tensor.bytes.length),
                         tensor);
  }
  for (const Node &node : graph.nodes) {
    std::vector<IntTensor> known(node.inputs.size());
    std::vector<FoldOperand> operands;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      known[i].shape = {2};
      known[i].values = {-1, 3};
      for (const Tensor &tensor : graph.tensors)
        if (tensor.name == node.inputs[i])
          known[i] = toIntTensor(tensor).value_or(known[i]);
      operands.push_back({&known[i], &known[i].shape});
    }
    (void)foldIntegers(node, operands);
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto file = std::as_bytes(std::span(data, size));
  for (auto read : {readOnnx, readJson}) {
    Problems problems;
    if (auto graph = read(file, "/nowhere/model", problems))
      check(*graph, file);
  }
  return 0;
}
