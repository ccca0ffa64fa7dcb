#ifndef MPC_FRONTEND_MODEL_FILEMAP_H
#define MPC_FRONTEND_MODEL_FILEMAP_H

#include "runtime/artifact/Status.h"

#include <cstddef>
#include <span>
#include <string>

namespace mpc::frontend {

/// A file mapped read-only into memory for as long as this object lives.
class FileMap {
public:
  /// Code::File if the file is absent, unreadable or no regular file.
  static mpcrt::Result<FileMap> open(const std::string &path);
  /// The same for a file that is open already; closes `file`.
  static mpcrt::Result<FileMap> map(int file, const std::string &path);

  FileMap(FileMap &&other) noexcept;
  FileMap &operator=(FileMap &&other) noexcept;
  ~FileMap();

  std::span<const std::byte> bytes() const { return {data, size}; }

private:
  FileMap(const std::byte *data, size_t size) : data(data), size(size) {}

  const std::byte *data = nullptr;
  size_t size = 0;
};

} // namespace mpc::frontend

#endif
