// The checksum of a container: a file that was changed or cut on its way is
// noticed before anything in it is used.
#ifndef MPC_RUNTIME_ARTIFACT_SEAL_H
#define MPC_RUNTIME_ARTIFACT_SEAL_H

#include "runtime/artifact/DType.h"
#include "runtime/artifact/Digest.h"

#include <span>

namespace mpcrt {

/// The key of the checksum under `__metadata__`, which the checksum leaves out.
inline constexpr std::string_view sealKey = "mpc.checksum";

/// XXH3-128 over everything a reader can see. The caller adds the metadata in
/// the order of their keys, then the tensors in the order of their names.
/// Padding and the layout of the header are not part of it.
class Seal {
public:
  void addMetadata(std::string_view key, std::string_view value);
  void addTensor(std::string_view name, DType dtype,
                 std::span<const int64_t> shape, const void *data,
                 size_t bytes);
  std::string hex() const { return digest.hex(); }

private:
  void addText(std::string_view text);
  void addNumber(uint64_t number);

  Digest digest;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_SEAL_H
