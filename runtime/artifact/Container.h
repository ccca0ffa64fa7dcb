// Reads safetensors files: artifacts, checkpoints and weights alike.
#ifndef MPC_RUNTIME_ARTIFACT_CONTAINER_H
#define MPC_RUNTIME_ARTIFACT_CONTAINER_H

#include "runtime/artifact/DType.h"
#include "runtime/artifact/Status.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mpcrt {

/// A tensor in a container: dense, row-major, little-endian. `data` belongs to
/// the container and is aligned as the file happens to align it.
struct ContainerTensor {
  std::string name;
  DType dtype = DType::U8;
  std::vector<int64_t> shape;
  const std::byte *data = nullptr;
  size_t bytes = 0;
};

/// A checked, read-only view of a container. Everything in the header has been
/// verified against the size of the file: whoever has a Container can read all
/// bytes of all its tensors. A mapped file must not be truncated meanwhile.
class Container {
public:
  /// Maps a file. Code::File if it cannot be read, Code::Damaged if it is not a
  /// valid container.
  static Result<Container> open(const std::string &path);
  /// Views `size` bytes at `data`, which must outlive the container. `name`
  /// appears in messages.
  static Result<Container> fromMemory(const void *data, size_t size,
                                      const std::string &name);

  /// All tensors but padding, in the order of their bytes.
  const std::vector<ContainerTensor> &tensors() const { return list; }
  /// The tensor of that name, or null.
  const ContainerTensor *find(std::string_view name) const;
  /// The value of a key under `__metadata__`, or null.
  const std::string *metadata(std::string_view key) const;
  /// Code::Damaged unless the content is what the checksum in the metadata was
  /// made of; a file without one passes.
  Status checkSeal() const;
  /// The path or name, for messages.
  const std::string &name() const { return label; }

private:
  struct Unmap {
    size_t size;
    void operator()(void *address) const;
  };
  Container() = default;
  Status parse(const std::byte *data, size_t size);

  std::string label;
  std::unique_ptr<void, Unmap> mapping;
  std::vector<ContainerTensor> list;
  std::map<std::string, size_t, std::less<>> index;
  std::map<std::string, std::string, std::less<>> meta;
};

/// Tensors whose names start so are padding and are not listed.
inline constexpr std::string_view padPrefix = "_pad.";

/// Keys under `__metadata__`.
inline constexpr std::string_view kindKey = "mpc.kind";
inline constexpr std::string_view manifestKey = "mpc.manifest";

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_CONTAINER_H
