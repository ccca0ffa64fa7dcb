// Where NVIDIA's CUDA Toolkit is on a machine. It is no part of mpc: ptxas of
// it assembles kernels.
#ifndef MPC_COMPILER_TOOLKIT_CUDATOOLKIT_H
#define MPC_COMPILER_TOOLKIT_CUDATOOLKIT_H

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mpc {

/// Where a toolkit is looked for. Tests give a machine of their own.
struct ToolkitPlaces {
  std::filesystem::path root = "/"; ///< has usr below it
  std::string path;                 ///< folders of programs, as in PATH
  std::string cudaHome, cudaPath;   ///< toolkits, or ""
  /// MPC_PTXAS: the program itself, before all others; "" is none at all.
  std::optional<std::string> ptxas;
};

/// What the environment of the process says.
ToolkitPlaces toolkitPlaces();

/// Folders that may hold a toolkit, the likeliest first: that of a ptxas in
/// PATH, CUDA_HOME, CUDA_PATH, /usr/local/cuda, Debian's.
std::vector<std::filesystem::path> findToolkits(const ToolkitPlaces &places);

/// The path of ptxas: MPC_PTXAS, else in PATH, else in a toolkit's bin. Empty
/// where there is none.
std::filesystem::path findPtxas(const ToolkitPlaces &places = toolkitPlaces());

/// Where findPtxas looks, for messages.
inline constexpr const char *ptxasPlaces =
    "PATH, CUDA_HOME, CUDA_PATH or /usr/local/cuda";

/// The first executable file of that name in `folders`, a list as in PATH, or
/// an empty path.
std::filesystem::path findProgram(const std::string &name,
                                  const std::string &folders);

} // namespace mpc

#endif
