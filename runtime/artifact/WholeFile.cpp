#include "runtime/artifact/WholeFile.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace mpcrt {

WholeFile::WholeFile(const std::string &path) : target(path) {
  static std::atomic<unsigned> counter{0};
  // A number of its own per process and call; what a crash left behind under
  // the same name is skipped.
  for (int attempt = 0; attempt < 1000 && file < 0; ++attempt) {
    name = path + ".tmp-" + std::to_string(getpid()) + "-" +
           std::to_string(counter++);
    file = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno != EEXIST)
      break;
  }
  openError = file < 0 ? errno : 0;
}

WholeFile::~WholeFile() {
  if (file >= 0) {
    close(file);
    unlink(name.c_str());
  }
}

Status WholeFile::failed(int error) const {
  return Status(Code::File, "cannot write '" + target +
                                "': " + std::strerror(error) +
                                "; check the folder and the free space");
}

Status WholeFile::append(const void *data, size_t bytes) {
  if (file < 0)
    return failed(openError);
  const char *next = static_cast<const char *>(data);
  while (bytes) {
    ssize_t written = ::write(file, next, bytes);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return failed(errno);
    next += written;
    bytes -= size_t(written);
  }
  return Status();
}

Status WholeFile::commit() {
  if (file < 0)
    return failed(openError);
  if (fsync(file) != 0 || rename(name.c_str(), target.c_str()) != 0)
    return failed(errno);
  close(file);
  file = -1;
  size_t slash = target.rfind('/');
  std::string folder = slash == std::string::npos ? "."
                       : slash == 0               ? "/"
                                                  : target.substr(0, slash);
  int directory = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0)
    return failed(errno);
  // Some file systems cannot sync a folder and say EINVAL.
  int result = fsync(directory);
  Status status = result != 0 && errno != EINVAL ? failed(errno) : Status();
  close(directory);
  return status;
}

} // namespace mpcrt
