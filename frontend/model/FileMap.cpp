#include "frontend/model/FileMap.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace mpc::frontend {

static mpcrt::Status fileError(const std::string &path, const char *reason) {
  return {mpcrt::Code::File, "cannot read '" + path + "': " + reason +
                                 "; check the path and its permissions"};
}

mpcrt::Result<FileMap> FileMap::open(const std::string &path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return fileError(path, std::strerror(errno));
  return map(file, path);
}

mpcrt::Result<FileMap> FileMap::map(int file, const std::string &path) {
  struct stat info;
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(file);
    return fileError(path, "not a regular file");
  }
  size_t size = static_cast<size_t>(info.st_size);
  void *data = nullptr;
  if (size > 0)
    data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  int error = errno;
  ::close(file);
  if (data == MAP_FAILED)
    return fileError(path, std::strerror(error));
  return FileMap(static_cast<const std::byte *>(data), size);
}

FileMap::FileMap(FileMap &&other) noexcept
    : data(std::exchange(other.data, nullptr)),
      size(std::exchange(other.size, 0)) {}

FileMap &FileMap::operator=(FileMap &&other) noexcept {
  std::swap(data, other.data);
  std::swap(size, other.size);
  return *this;
}

FileMap::~FileMap() {
  if (data)
    munmap(const_cast<std::byte *>(data), size);
}

} // namespace mpc::frontend
