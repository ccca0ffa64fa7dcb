// What the image of a GPU target tells of itself: a cubin of its functions,
// both kinds of the driver that they need.
#ifndef MPC_RUNTIME_ARTIFACT_GPUCODE_H
#define MPC_RUNTIME_ARTIFACT_GPUCODE_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace mpcrt {

/// The oldest CUDA whose driver has all that mpcrt calls, as 1000 * major + 10
/// * minor.
inline constexpr int oldestDriver = 12000;

struct GpuFunction {
  int64_t codeBytes = 0;
  int64_t registers = 0;  ///< of a thread
  int64_t stackBytes = 0; ///< of a thread, in local memory
};

struct GpuCode {
  /// By name; empty for PTX, which the driver assembles.
  std::map<std::string, GpuFunction> functions;
  int64_t codeBytes = 0;
  /// The CUDA version that a driver must be for, at least.
  int driver = oldestDriver;
};

/// Reads an image: a cubin, or PTX. Nothing if it is neither. Damaged images
/// give no more than they hold; nothing outside the bytes is read.
std::optional<GpuCode> readGpuCode(std::span<const std::byte> image);

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_GPUCODE_H
