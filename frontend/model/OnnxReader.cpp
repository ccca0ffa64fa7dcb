#include "frontend/model/OnnxReader.h"
#include "frontend/model/OnnxTensor.h"
#include "frontend/model/Wire.h"
#include "onnx/onnx.pb.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace mpc::frontend {
namespace {

using mpcrt::Code;

// Fields of ModelProto and GraphProto, by number in onnx.proto.
enum ModelField : uint32_t {
  modelIrVersion = 1,
  modelGraph = 7,
  modelOpset = 8,
  modelFunction = 25
};
enum GraphField : uint32_t {
  graphNode = 1,
  graphInitializer = 5,
  graphInput = 11,
  graphOutput = 12,
  graphValueInfo = 13,
  graphSparseInitializer = 15
};

template <typename Message>
bool parse(std::span<const std::byte> bytes, Message &message) {
  return bytes.size() <= INT32_MAX &&
         message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

class Reader {
public:
  Reader(std::span<const std::byte> file, Graph &graph, Problems &problems)
      : file(file), graph(graph), problems(problems) {}

  /// False if the bytes are no model at all; then `damage` says where.
  bool readModel();
  std::string damage;

private:
  void problem(Code code, std::string message, std::string action) {
    problems.push_back(
        modelProblem(code, std::move(message), std::move(action)));
  }
  void problem(const mpcrt::Status &status) {
    problem(status.code(), status.message(), "");
  }
  bool damagedAt(const std::string &path, const std::byte *where);
  bool readOpset(std::span<const std::byte> bytes);
  void checkVersions();
  void readFunction(std::span<const std::byte> bytes);
  bool readGraph(std::span<const std::byte> bytes);
  bool readGraphField(const WireField &field);
  bool readNode(std::span<const std::byte> bytes);
  bool readValueInfo(std::span<const std::byte> bytes,
                     std::vector<ValueInfo> &infos);
  void readConstant(const Node &node, std::span<const std::byte> bytes);
  void readValue(Attribute &attribute, std::span<const std::byte> node);
  void addTensor(std::span<const std::byte> message);
  void locateExternal(Tensor &tensor);

  std::span<const std::byte> file;
  Graph &graph;
  Problems &problems;
  bool hasOtherDomain = false;
  uint64_t irVersion = 0;
};

// The name of a field of GraphProto, as far as they are read.
const char *graphFieldName(uint32_t number) {
  switch (number) {
  case graphNode:
    return "node";
  case graphInitializer:
    return "initializer";
  case graphInput:
    return "input";
  case graphOutput:
    return "output";
  case graphValueInfo:
    return "value_info";
  default:
    return "field";
  }
}

Attribute convertAttribute(const onnx::AttributeProto &proto) {
  Attribute attribute;
  switch (proto.type()) {
  case onnx::AttributeProto::INT:
    attribute.kind = Attribute::Kind::Int;
    attribute.i = proto.i();
    break;
  case onnx::AttributeProto::FLOAT:
    attribute.kind = Attribute::Kind::Float;
    attribute.f = static_cast<double>(proto.f());
    break;
  case onnx::AttributeProto::STRING:
    attribute.kind = Attribute::Kind::String;
    attribute.s = proto.s();
    break;
  case onnx::AttributeProto::INTS:
    attribute.kind = Attribute::Kind::Ints;
    attribute.ints.assign(proto.ints().begin(), proto.ints().end());
    break;
  case onnx::AttributeProto::FLOATS:
    attribute.kind = Attribute::Kind::Floats;
    attribute.floats.assign(proto.floats().begin(), proto.floats().end());
    break;
  case onnx::AttributeProto::STRINGS:
    attribute.kind = Attribute::Kind::Strings;
    attribute.strings.assign(proto.strings().begin(), proto.strings().end());
    break;
  case onnx::AttributeProto::TENSOR:
    attribute.kind = Attribute::Kind::Tensor;
    break;
  default:
    break;
  }
  return attribute;
}

// The payload of the last field `number` of a message.
std::span<const std::byte> payloadOf(std::span<const std::byte> message,
                                     uint32_t number) {
  std::span<const std::byte> found;
  WireReader reader(message);
  for (WireField field; reader.next(field);)
    if (field.number == number && field.isBytes)
      found = field.payload;
  return found;
}

std::string textOf(std::span<const std::byte> message, uint32_t number) {
  std::span<const std::byte> text = payloadOf(message, number);
  return {reinterpret_cast<const char *>(text.data()), text.size()};
}

// The bytes of the value of a Constant node (NodeProto.attribute = 5,
// AttributeProto.name = 1, .t = 5).
std::span<const std::byte> constantValue(std::span<const std::byte> node) {
  WireReader reader(node);
  for (WireField field; reader.next(field);) {
    if (field.number != 5 || !field.isBytes)
      continue;
    if (textOf(field.payload, 1) == "value")
      return payloadOf(field.payload, 5);
  }
  return {};
}

// Keeps the first place; always false.
bool Reader::damagedAt(const std::string &path, const std::byte *where) {
  if (damage.empty())
    damage = path + " at byte " + std::to_string(where - file.data());
  return false;
}

bool Reader::readModel() {
  WireReader reader(file);
  const std::byte *at = file.data();
  std::span<const std::byte> graphBytes;
  bool hasGraph = false;
  for (WireField field; reader.next(field);) {
    if (field.number == modelGraph && field.isBytes) {
      graphBytes = field.payload;
      hasGraph = true;
    } else if (field.number == modelIrVersion) {
      irVersion = field.value;
    } else if (field.number == modelOpset && field.isBytes &&
               !readOpset(field.payload)) {
      return damagedAt("opset_import", field.whole.data());
    } else if (field.number == modelFunction && field.isBytes) {
      readFunction(field.payload);
    }
    at = field.whole.data() + field.whole.size();
  }
  if (reader.damaged() || !hasGraph)
    return damagedAt(hasGraph ? "a field" : "the graph", at);
  checkVersions();
  return readGraph(graphBytes);
}

void Reader::checkVersions() {
  // A model of other domains alone says nothing about the default one.
  if (graph.opset == 0 && hasOtherDomain)
    graph.opset = newestOpset;
  if (graph.opset < oldestOpset || graph.opset > newestOpset)
    problem(Code::Unsupported,
            "the model uses opset " + std::to_string(graph.opset) +
                " (IR version " + std::to_string(irVersion) + "); expected " +
                std::to_string(oldestOpset) + " to " +
                std::to_string(newestOpset),
            "export it with another opset version");
  else if (irVersion > newestIrVersion)
    graph.reports.push_back(
        "the model has IR version " + std::to_string(irVersion) +
        "; what versions after " + std::to_string(newestIrVersion) +
        " added is ignored");
}

bool Reader::readOpset(std::span<const std::byte> bytes) {
  onnx::OperatorSetIdProto opset;
  if (!parse(bytes, opset))
    return false;
  if (opset.domain().empty() || opset.domain() == "ai.onnx")
    graph.opset = opset.version();
  else
    hasOtherDomain = true;
  return true;
}

// FunctionProto.name = 1, .domain = 10. Their nodes are not read.
void Reader::readFunction(std::span<const std::byte> bytes) {
  std::string domain = textOf(bytes, 10);
  graph.functions.insert((domain == "ai.onnx" ? "" : domain) + ":" +
                         textOf(bytes, 1));
}

bool Reader::readGraph(std::span<const std::byte> bytes) {
  WireReader reader(bytes);
  const std::byte *at = bytes.data();
  std::map<uint32_t, int> counts;
  for (WireField field; reader.next(field);) {
    int index = counts[field.number]++;
    if (field.isBytes && !readGraphField(field))
      return damagedAt(std::string("graph.") + graphFieldName(field.number) +
                           "[" + std::to_string(index) + "]",
                       field.whole.data());
    at = field.whole.data() + field.whole.size();
  }
  if (reader.damaged())
    return damagedAt("a field of the graph", at);
  std::set<std::string> initialised;
  for (const Tensor &tensor : graph.tensors)
    initialised.insert(tensor.name);
  std::erase_if(graph.inputs, [&](const ValueInfo &input) {
    return initialised.count(input.name) > 0;
  });
  return true;
}

bool Reader::readGraphField(const WireField &field) {
  switch (field.number) {
  case graphNode:
    return readNode(field.payload);
  case graphInitializer:
    addTensor(field.payload);
    return true;
  case graphInput:
    return readValueInfo(field.payload, graph.inputs);
  case graphOutput:
    return readValueInfo(field.payload, graph.outputs);
  case graphValueInfo:
    return readValueInfo(field.payload, graph.valueInfos);
  case graphSparseInitializer:
    problem(Code::Unsupported, "the model has sparse initialisers",
            "export it with dense weights");
    return true;
  default:
    return true;
  }
}

bool Reader::readNode(std::span<const std::byte> bytes) {
  onnx::NodeProto proto;
  if (!parse(bytes, proto))
    return false;
  Node node;
  node.name = proto.name();
  node.opType = proto.op_type();
  node.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  for (const auto &attribute : proto.attribute()) {
    if (node.opType == "Constant" && attribute.name() == "value" &&
        node.outputs.size() == 1) {
      readConstant(node, bytes);
      return true;
    }
    Attribute &converted = node.attributes[attribute.name()];
    converted = convertAttribute(attribute);
    if (converted.kind == Attribute::Kind::Tensor &&
        attribute.name() == "value")
      readValue(converted, bytes);
  }
  graph.nodes.push_back(std::move(node));
  return true;
}

// A Constant node becomes a tensor named after its output.
void Reader::readConstant(const Node &node, std::span<const std::byte> bytes) {
  auto tensor = scanTensor(constantValue(bytes), file);
  if (!tensor.ok())
    return problem(tensor.status());
  tensor->name = node.outputs[0];
  tensor->isConstantNode = true;
  locateExternal(*tensor);
  graph.tensors.push_back(std::move(*tensor));
}

// The attribute `value` of another node than Constant.
void Reader::readValue(Attribute &attribute, std::span<const std::byte> node) {
  auto tensor = scanTensor(constantValue(node), file);
  if (!tensor.ok())
    return problem(tensor.status());
  attribute.tensor = std::make_shared<const Tensor>(std::move(*tensor));
}

void Reader::addTensor(std::span<const std::byte> message) {
  auto tensor = scanTensor(message, file);
  if (!tensor.ok())
    return problem(tensor.status());
  locateExternal(*tensor);
  graph.tensors.push_back(std::move(*tensor));
}

void Reader::locateExternal(Tensor &tensor) {
  if (tensor.bytes.place != TensorBytes::Place::External)
    return;
  auto data = openExternal(graph.path, tensor.bytes.file);
  if (!data.ok())
    return problem(data.status().code(),
                   "tensor '" + tensor.name + "': " + data.status().message(),
                   "");
  if (!*data) {
    ++graph.absentFiles[tensor.bytes.file];
    tensor.bytes = TensorBytes();
    return;
  }
  if (mpcrt::Status status = checkExternal(tensor, (*data)->bytes().size());
      !status.ok())
    problem(status);
}

// The type of a value as a user knows it: "STRING", "a sequence".
std::string typeText(const onnx::TypeProto &type) {
  if (type.has_sequence_type())
    return "a sequence";
  if (type.has_optional_type())
    return "an optional";
  if (type.has_map_type())
    return "a map";
  if (type.has_sparse_tensor_type())
    return "a sparse tensor";
  int32_t element = type.tensor_type().elem_type();
  if (!onnx::TensorProto_DataType_IsValid(element))
    return "a tensor of unknown type";
  return onnx::TensorProto_DataType_Name(element);
}

bool Reader::readValueInfo(std::span<const std::byte> bytes,
                           std::vector<ValueInfo> &infos) {
  onnx::ValueInfoProto proto;
  if (!parse(bytes, proto))
    return false;
  ValueInfo info;
  info.name = proto.name();
  const auto &type = proto.type().tensor_type();
  info.dtype = dtypeFromOnnx(type.elem_type());
  info.typeText = typeText(proto.type());
  if (type.has_shape()) {
    info.shape.emplace();
    for (const auto &dim : type.shape().dim()) {
      Dimension dimension;
      if (dim.has_dim_value() && dim.dim_value() >= 0)
        dimension.size = dim.dim_value();
      dimension.symbol = dim.dim_param();
      info.shape->push_back(std::move(dimension));
    }
  }
  infos.push_back(std::move(info));
  return true;
}

} // namespace

std::optional<Graph> readOnnx(std::span<const std::byte> file,
                              const std::string &path, Problems &problems) {
  Graph graph;
  graph.path = path;
  Reader reader(file, graph, problems);
  if (!reader.readModel()) {
    problems.clear();
    problems.push_back(modelProblem(
        Code::InvalidData,
        "the file is no ONNX model, or it is truncated: " + reader.damage +
            " of " + std::to_string(file.size()) + " cannot be read",
        "export or copy it again"));
    return std::nullopt;
  }
  graph.name = std::filesystem::path(path).stem().string();
  finishGraph(graph, problems);
  return graph;
}

} // namespace mpc::frontend
