#include "frontend/model/WeightSource.h"
#include "frontend/model/OnnxReader.h"
#include "frontend/model/OnnxTensor.h"

#include <cstring>

namespace mpc::frontend {

using mpcrt::Code;
using mpcrt::Status;

mpcrt::Result<WeightSource> WeightSource::open(const std::string &path) {
  auto file = FileMap::open(path);
  if (!file.ok())
    return file.status();
  Problems problems;
  auto graph = readOnnx(file->bytes(), path, problems);
  if (!problems.empty())
    return Status(problems.front().code, toText(problems.front(), path));
  return WeightSource(std::move(*file), std::move(*graph));
}

WeightSource::WeightSource(FileMap theFile, Graph theGraph)
    : file(std::move(theFile)), graph(std::move(theGraph)) {
  for (size_t i = 0; i < graph.tensors.size(); ++i)
    indices[graph.tensors[i].name] = i;
}

const Tensor *WeightSource::find(const std::string &tensor) const {
  auto it = indices.find(tensor);
  return it == indices.end() ? nullptr : &graph.tensors[it->second];
}

// The bytes that `tensor` refers to, and where an external file is kept open.
static mpcrt::Result<std::span<const std::byte>>
locate(const Tensor &tensor, const Graph &graph, const FileMap &model,
       std::optional<FileMap> &external) {
  std::span<const std::byte> bytes = model.bytes();
  if (tensor.bytes.place == TensorBytes::Place::External) {
    auto opened = openExternal(graph.path, tensor.bytes.file);
    if (!opened.ok())
      return opened.status();
    if (!*opened)
      return Status(Code::File, "external data '" + tensor.bytes.file +
                                    "' has disappeared; compile again");
    external = std::move(*opened);
    bytes = external->bytes();
    if (Status status = checkExternal(tensor, bytes.size()); !status.ok())
      return status;
  }
  if (tensor.bytes.offset > bytes.size() ||
      tensor.bytes.length > bytes.size() - tensor.bytes.offset)
    return Status(
        Code::InvalidData,
        "tensor '" + tensor.name + "' wants " +
            std::to_string(tensor.bytes.length) + " bytes at offset " +
            std::to_string(tensor.bytes.offset) + ", but the file has " +
            std::to_string(bytes.size()) + "; export or copy it again");
  return bytes.subspan(tensor.bytes.offset, tensor.bytes.length);
}

Status WeightSource::copy(const std::string &name,
                          std::span<std::byte> out) const {
  const Tensor *tensor = find(name);
  if (!tensor || tensor->bytes.place == TensorBytes::Place::None)
    return {Code::InvalidData,
            "'" + graph.path + "' holds no bytes for tensor '" + name +
                "'; the file changed since it was imported, compile again"};
  std::optional<FileMap> external;
  auto located = locate(*tensor, graph, file, external);
  if (!located.ok())
    return located.status();
  std::span<const std::byte> bytes = *located;
  std::vector<std::byte> decoded;
  if (tensor->bytes.place == TensorBytes::Place::Typed) {
    auto elements = decodeTensor(bytes, *tensor);
    if (!elements.ok())
      return elements.status();
    decoded = std::move(*elements);
    bytes = decoded;
  }
  if (bytes.size() != out.size())
    return {Code::InvalidData,
            "tensor '" + name + "' needs " + std::to_string(out.size()) +
                " bytes, but the file holds " + std::to_string(bytes.size()) +
                "; compile the model again"};
  if (!bytes.empty())
    std::memcpy(out.data(), bytes.data(), bytes.size());
  return {};
}

} // namespace mpc::frontend
