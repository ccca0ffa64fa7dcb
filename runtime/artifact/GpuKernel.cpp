#include "runtime/artifact/GpuKernel.h"

#include <limits>

namespace mpcrt {

namespace {
constexpr int64_t mostThreads = 1024;
constexpr int64_t mostSharedBytes = 232448; // of a block, on sm_90
constexpr int64_t accessAlignment = 16;     // of tensor memory accesses
constexpr int64_t largestBox = 256;
constexpr int64_t largestExtent = int64_t(1) << 32;
constexpr int64_t largestPitch = (int64_t(1) << 40) - 1;
constexpr size_t largestMapRank = 5;

Status wrong(const std::string &what) {
  return Status(Code::Damaged, "manifest: " + what);
}

Status checkNumber(int64_t value, int64_t least, int64_t most,
                   const std::string &what) {
  if (value >= least && value <= most)
    return Status();
  return wrong(what + " is " + std::to_string(value) + ", expected " +
               std::to_string(least) + " to " + std::to_string(most));
}

Status checkThree(const std::array<int64_t, 3> &numbers,
                  const std::array<int64_t, 3> &most, const std::string &what) {
  Status status;
  for (size_t i = 0; i < 3 && status.ok(); ++i)
    status = checkNumber(numbers[i], 1, most[i],
                         what + "[" + std::to_string(i) + "]");
  return status;
}

Status checkExtents(const TensorMap &map, const std::string &where) {
  const size_t rank = map.extents.size();
  if (rank < 1 || rank > largestMapRank || map.box.size() != rank ||
      map.pitches.size() + 1 != rank)
    return wrong(where + " has " + std::to_string(rank) + " extents, " +
                 std::to_string(map.pitches.size()) + " pitches and " +
                 std::to_string(map.box.size()) +
                 " sides of a box, expected 1 to " +
                 std::to_string(largestMapRank) +
                 " extents, as many sides and one pitch less");
  Status status;
  for (size_t i = 0; i < rank && status.ok(); ++i) {
    const std::string place = "[" + std::to_string(i) + "]";
    status = checkNumber(map.extents[i], 1, largestExtent,
                         where + ".extents" + place);
    if (status.ok())
      status = checkNumber(map.box[i], 1, largestBox, where + ".box" + place);
    if (status.ok() && i > 0)
      status = checkNumber(map.pitches[i - 1], 1, largestPitch,
                           where + ".pitches[" + std::to_string(i - 1) + "]");
  }
  return status;
}

Status checkMap(const TensorMap &map, const std::string &where) {
  if (Status status = checkExtents(map, where); !status.ok())
    return status;
  if (!isProgramDType(map.dtype))
    return wrong(where + " has type " + std::string(dtypeName(map.dtype)) +
                 ", which no program holds");
  for (int64_t pitch : map.pitches)
    if (pitch % accessAlignment)
      return wrong(where + " has a pitch of " + std::to_string(pitch) +
                   " bytes, expected a multiple of " +
                   std::to_string(accessAlignment));
  if (map.swizzle != 0 && map.swizzle != 32 && map.swizzle != 64 &&
      map.swizzle != 128)
    return wrong(where + ".swizzle is " + std::to_string(map.swizzle) +
                 ", expected 0, 32, 64 or 128");
  const int64_t row = map.box[0] * int64_t(byteWidth(map.dtype));
  if (row % accessAlignment || (map.swizzle && row > map.swizzle))
    return wrong(where + " has a box with rows of " + std::to_string(row) +
                 " bytes, expected a multiple of " +
                 std::to_string(accessAlignment) +
                 " that is no more than the swizzle");
  return Status();
}

// Bytes from the first element of a map to the end of its last one. It fits:
// checkMap() bounds all factors.
uint64_t reach(const TensorMap &map) {
  uint64_t bytes = uint64_t(map.extents[0]) * byteWidth(map.dtype);
  for (size_t i = 0; i < map.pitches.size(); ++i) {
    uint64_t further = 0;
    if (__builtin_mul_overflow(uint64_t(map.extents[i + 1] - 1),
                               uint64_t(map.pitches[i]), &further) ||
        __builtin_add_overflow(bytes, further, &bytes))
      return std::numeric_limits<uint64_t>::max();
  }
  return bytes;
}
} // namespace

Status checkGpuKernel(const Kernel &kernel, const std::string &where) {
  Status status =
      checkThree(kernel.grid, {0x7fffffff, 65535, 65535}, where + ".grid");
  if (status.ok())
    status = checkThree(kernel.block, {mostThreads, mostThreads, 64},
                        where + ".block");
  if (status.ok())
    status = checkNumber(kernel.block[0] * kernel.block[1] * kernel.block[2], 1,
                         mostThreads, "the threads of a block of " + where);
  if (status.ok())
    status = checkNumber(kernel.sharedBytes, 0, mostSharedBytes,
                         where + ".shared_bytes");
  for (size_t i = 0; i < kernel.maps.size() && status.ok(); ++i)
    status =
        checkMap(kernel.maps[i], where + ".maps[" + std::to_string(i) + "]");
  return status;
}

Status checkMappedArguments(const Manifest &manifest, const Target &target,
                            const Launch &launch, const std::string &where) {
  const Kernel &kernel = target.kernels[size_t(launch.kernel)];
  for (size_t i = 0; i < kernel.maps.size(); ++i) {
    const TensorMap &map = kernel.maps[i];
    const std::string here = where + ": map " + std::to_string(i) + " of '" +
                             kernel.name + "' shows argument " +
                             std::to_string(map.arg);
    if (map.arg < 0 || uint64_t(map.arg) >= launch.args.size())
      return wrong(here + ", but there are " +
                   std::to_string(launch.args.size()));
    const int64_t index = launch.args[size_t(map.arg)];
    std::optional<uint64_t> bytes =
        bufferBytes(manifest, target.buffers[size_t(index)]);
    if (bytes && reach(map) > *bytes)
      return wrong(here + " up to byte " + std::to_string(reach(map)) +
                   ", but it has " + std::to_string(*bytes));
  }
  return Status();
}

Status checkAccess(const Target &target, const Launch &launch,
                   const std::string &where) {
  const Kernel &kernel = target.kernels[size_t(launch.kernel)];
  if (kernel.access.empty())
    return Status();
  const std::string here = where + ": the access of '" + kernel.name + "'";
  if (kernel.access.size() != launch.args.size())
    return wrong(here + " names " + std::to_string(kernel.access.size()) +
                 " arguments, but there are " +
                 std::to_string(launch.args.size()));
  if (kernel.access.find_first_not_of("rw-") != std::string::npos)
    return wrong(here + " is '" + kernel.access +
                 "', expected 'r', 'w' and '-' alone");
  for (size_t i = 0; i < launch.args.size(); ++i) {
    const Buffer::Kind kind = target.buffers[size_t(launch.args[i])].kind;
    const bool isGiven = kind == Buffer::Kind::Input ||
                         kind == Buffer::Kind::Label ||
                         kind == Buffer::Kind::Constant;
    if (isGiven && kernel.writes(i))
      return wrong(here + " writes argument " + std::to_string(i) +
                   ", which is an input, the label or a constant");
  }
  return Status();
}

std::optional<uint64_t> bufferBytes(const Manifest &manifest,
                                    const Buffer &buffer) {
  switch (buffer.kind) {
  case Buffer::Kind::State:
    return manifest.states[size_t(buffer.index)].bytes();
  case Buffer::Kind::Input:
    return manifest.inputs[size_t(buffer.index)].bytes();
  case Buffer::Kind::Output:
    return manifest.outputs[size_t(buffer.index)].bytes();
  case Buffer::Kind::Label:
    return manifest.label.bytes();
  case Buffer::Kind::Arena:
  case Buffer::Kind::Status:
    return uint64_t(buffer.bytes);
  case Buffer::Kind::Constant:
    return std::nullopt;
  }
  return std::nullopt;
}

} // namespace mpcrt
