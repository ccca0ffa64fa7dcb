#include "compiler/toolkit/CudaToolkit.h"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

namespace fs = std::filesystem;

namespace mpc {
namespace {

std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

bool isProgram(const fs::path &file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0;
}

} // namespace

ToolkitPlaces toolkitPlaces() {
  ToolkitPlaces places;
  places.path = environment("PATH");
  places.cudaHome = environment("CUDA_HOME");
  places.cudaPath = environment("CUDA_PATH");
  if (const char *ptxas = std::getenv("MPC_PTXAS"))
    places.ptxas = ptxas;
  return places;
}

fs::path findProgram(const std::string &name, const std::string &folders) {
  for (size_t start = 0; start <= folders.size();) {
    size_t end = std::min(folders.find(':', start), folders.size());
    fs::path candidate = fs::path(folders.substr(start, end - start)) / name;
    if (end > start && isProgram(candidate))
      return candidate;
    start = end + 1;
  }
  return {};
}

std::vector<fs::path> findToolkits(const ToolkitPlaces &places) {
  std::vector<fs::path> folders;
  std::error_code error;
  // A ptxas in PATH stands in its toolkit's bin, maybe by way of a link.
  fs::path ptxas = findProgram("ptxas", places.path);
  fs::path resolved = ptxas.empty() ? ptxas : fs::canonical(ptxas, error);
  if (!resolved.empty() && !error)
    folders.push_back(resolved.parent_path().parent_path());
  for (const std::string &named : {places.cudaHome, places.cudaPath})
    if (!named.empty())
      folders.push_back(named);
  folders.push_back(places.root / "usr/local/cuda");
  // Debian's package.
  folders.push_back(places.root / "usr/lib/nvidia-cuda-toolkit");
  return folders;
}

fs::path findPtxas(const ToolkitPlaces &places) {
  if (places.ptxas)
    return isProgram(*places.ptxas) ? fs::path(*places.ptxas) : fs::path();
  if (fs::path found = findProgram("ptxas", places.path); !found.empty())
    return found;
  for (const fs::path &toolkit : findToolkits(places))
    if (isProgram(toolkit / "bin/ptxas"))
      return toolkit / "bin/ptxas";
  return {};
}

} // namespace mpc
