#include "frontend/model/FileMap.h"
#include "frontend/model/Graph.h"
#include "frontend/model/JsonReader.h"
#include "frontend/model/OnnxReader.h"

#include <filesystem>

namespace mpc::frontend {

// By extension; any other name is JSON if its first visible character is '{',
// which no ONNX file starts with (field 15 of a model does not exist).
static bool isJson(const std::string &path, std::span<const std::byte> bytes) {
  std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".json" || extension == ".onnx")
    return extension == ".json";
  for (std::byte byte : bytes) {
    auto character = static_cast<char>(byte);
    if (character != ' ' && character != '\n' && character != '\r' &&
        character != '\t')
      return character == '{';
  }
  return false;
}

std::optional<Graph> readModel(const std::string &path, Problems &problems) {
  auto file = FileMap::open(path);
  if (!file.ok()) {
    problems.push_back(
        modelProblem(file.status().code(), file.status().message(), ""));
    return std::nullopt;
  }
  if (isJson(path, file->bytes()))
    return readJson(file->bytes(), path, problems);
  return readOnnx(file->bytes(), path, problems);
}

} // namespace mpc::frontend
