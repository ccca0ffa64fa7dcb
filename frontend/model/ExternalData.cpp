// Files beside a model that hold weights. A model is data from elsewhere, so it
// may name files in its own folder only.
#include "frontend/model/OnnxTensor.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace mpc::frontend {

namespace fs = std::filesystem;
using mpcrt::Code;

namespace {

// A file descriptor that closes itself.
struct Descriptor {
  explicit Descriptor(int number) : number(number) {}
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  ~Descriptor() {
    if (number >= 0)
      ::close(number);
  }
  void reset(int other) {
    if (number >= 0)
      ::close(number);
    number = other;
  }
  int number;
};

mpcrt::Status refused(const std::string &location, const char *reason) {
  return {Code::InvalidData, "external data '" + location + "' " + reason +
                                 "; keep weight files in the model's folder"};
}

// What the text of a location shows by itself; empty if it may be opened.
const char *refusalOf(const std::string &location) {
  fs::path path(location);
  if (location.empty() || location.find('\0') != std::string::npos)
    return "is no file name";
  if (path.is_absolute())
    return "has an absolute path";
  for (const fs::path &part : path)
    if (part == "..")
      return "leaves the model's folder through '..'";
  return "";
}

bool isLink(int folder, const fs::path &name) {
  struct stat info;
  return fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISLNK(info.st_mode);
}

} // namespace

// One component at a time and never through a link: what is checked is what is
// opened, whatever happens in the folder meanwhile.
mpcrt::Result<std::optional<FileMap>>
openExternal(const std::string &modelPath, const std::string &location) {
  if (const char *reason = refusalOf(location); *reason)
    return refused(location, reason);
  std::string folder = fs::path(modelPath).parent_path().string();
  Descriptor at(::open(folder.empty() ? "." : folder.c_str(),
                       O_PATH | O_DIRECTORY | O_CLOEXEC));
  fs::path relative = fs::path(location).lexically_normal();
  for (auto part = relative.begin(); part != relative.end(); ++part) {
    if (at.number < 0)
      return std::optional<FileMap>();
    if (isLink(at.number, *part))
      return refused(location, "is or passes a symbolic link");
    bool last = std::next(part) == relative.end();
    int kind = last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
    int next = openat(at.number, part->c_str(), kind | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0 && errno != ENOENT && errno != ENOTDIR)
      return mpcrt::Status(Code::File, "cannot read external data '" +
                                           location +
                                           "': " + std::strerror(errno) +
                                           "; check its permissions");
    at.reset(next);
  }
  struct stat info;
  if (at.number < 0 || fstat(at.number, &info) != 0)
    return std::optional<FileMap>();
  if (!S_ISREG(info.st_mode))
    return refused(location, "is not a regular file");
  if (info.st_nlink > 1)
    return refused(location, "is a hard link, so it may be a file from "
                             "elsewhere; copy it");
  auto mapped = FileMap::map(std::exchange(at.number, -1), location);
  if (!mapped.ok())
    return mapped.status();
  return std::optional<FileMap>(std::move(*mapped));
}

mpcrt::Status checkExternal(const Tensor &tensor, uint64_t found) {
  uint64_t offset = tensor.bytes.offset;
  uint64_t length = tensor.bytes.length;
  if (offset <= found && length <= found - offset)
    return {};
  return {Code::InvalidData,
          "tensor '" + tensor.name + "' wants " + std::to_string(length) +
              " bytes at offset " + std::to_string(offset) + " of '" +
              tensor.bytes.file + "', which has " + std::to_string(found) +
              " bytes; the file is incomplete, copy or export it again"};
}

} // namespace mpc::frontend
