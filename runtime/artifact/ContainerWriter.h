// Writes safetensors files so that a reader sees the old file or the new one,
// never a part.
#ifndef MPC_RUNTIME_ARTIFACT_CONTAINERWRITER_H
#define MPC_RUNTIME_ARTIFACT_CONTAINERWRITER_H

#include "runtime/artifact/DType.h"
#include "runtime/artifact/Status.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mpcrt {

/// Collects tensors and writes them in the order they were added. Equal input
/// gives equal bytes. Mistakes (a name used twice, a size that does not fit the
/// shape) are reported by write() and bytes().
class ContainerWriter {
public:
  /// Every tensor starts at a multiple of `alignment` bytes in the file (a
  /// power of two of at most 4096); 1 writes no padding between tensors.
  explicit ContainerWriter(size_t alignment = 64) : alignment(alignment) {}

  void setMetadata(std::string_view key, std::string value);
  /// Adds a tensor whose bytes stay the caller's until the file is written.
  void add(std::string_view name, DType dtype, std::span<const int64_t> shape,
           const void *data, size_t bytes);
  /// Adds a tensor and takes its bytes.
  void addOwned(std::string_view name, DType dtype,
                std::span<const int64_t> shape, std::vector<std::byte> data);

  /// Adds the checksum of all that was added before to the metadata; nothing
  /// may be added after it.
  void seal();

  /// Writes to a temporary file beside `path`, syncs it, renames it and syncs
  /// the folder. On failure the temporary file is gone and what was at `path`
  /// is untouched. Code::File if the disk refuses.
  Status write(const std::string &path) const;
  /// The whole file as bytes.
  Result<std::vector<std::byte>> bytes() const;

private:
  struct Tensor {
    std::string name;
    DType dtype;
    std::vector<int64_t> shape;
    const void *data;
    size_t bytes;
  };
  using Sink = std::function<Status(const void *, size_t)>;

  Status check() const;
  std::string header() const;
  Status stream(const Sink &sink) const;
  size_t padding(size_t offset) const;

  size_t alignment;
  std::map<std::string, std::string, std::less<>> metadata;
  std::vector<Tensor> tensors;
  std::vector<std::unique_ptr<std::vector<std::byte>>> owned;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_CONTAINERWRITER_H
