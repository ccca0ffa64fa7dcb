#include "frontend/model/FileMap.h"
#include "frontend/model/Graph.h"
#include "frontend/model/OnnxReader.h"

#include <filesystem>

namespace mpc::frontend {

std::optional<Graph> readModel(const std::string &path, Problems &problems) {
  auto file = FileMap::open(path);
  if (!file.ok()) {
    problems.push_back(
        modelProblem(file.status().code(), file.status().message(), ""));
    return std::nullopt;
  }
  return readOnnx(file->bytes(), path, problems);
}

} // namespace mpc::frontend
