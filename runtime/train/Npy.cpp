#include "runtime/train/Npy.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace mpcrt::train {
namespace {

/// NumPy itself writes headers of 64 to a few hundred bytes and refuses to read
/// more than 10000.
constexpr size_t maxHeaderBytes = 10000;

Status readExactly(ByteSource &source, const std::string &what,
                   const char *part, void *data, size_t size) {
  size_t have = 0;
  while (have < size) {
    size_t got = 0;
    if (Status status =
            source.read(static_cast<char *>(data) + have, size - have, got);
        !status.ok())
      return status;
    if (got == 0)
      return failure(MPCRT_INVALID_DATA, what, " ends inside its ", part,
                     ": found ", have, " bytes, expected ", size,
                     "; write the file again");
    have += got;
  }
  return {};
}

/// Reorders elements from Fortran order (first index fastest) to C order.
std::vector<std::byte> toCOrder(const std::vector<std::byte> &from,
                                std::span<const int64_t> shape, size_t size) {
  std::vector<std::byte> to(from.size());
  std::vector<int64_t> index(shape.size(), 0), stride(shape.size(), 1);
  for (size_t d = 1; d < shape.size(); ++d)
    stride[d] = stride[d - 1] * shape[d - 1];
  int64_t source = 0;
  for (size_t at = 0; at < to.size(); at += size) {
    std::memcpy(&to[at], &from[size_t(source) * size], size);
    for (size_t d = shape.size(); d-- > 0;) {
      source += stride[d];
      if (++index[d] < shape[d])
        break;
      source -= stride[d] * shape[d];
      index[d] = 0;
    }
  }
  return to;
}

class FileSource : public ByteSource {
public:
  FileSource(std::FILE *file, std::string path, uint64_t bytes)
      : file(file, &std::fclose), path(std::move(path)), bytes(bytes) {}

  Status read(void *data, size_t size, size_t &got) override {
    got = std::fread(data, 1, size, file.get());
    if (got == 0 && std::ferror(file.get()))
      return failure(MPCRT_FILE, "cannot read '", path,
                     "': ", std::strerror(errno));
    return {};
  }

  uint64_t claimedBytes() const override { return bytes; }

private:
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file;
  std::string path;
  uint64_t bytes;
};

} // namespace

Status readNpyHeader(ByteSource &source, const std::string &what,
                     NpyHeader &header) {
  unsigned char prefix[12] = {};
  Status status = readExactly(source, what, "header", prefix, 8);
  if (!status.ok())
    return status;
  if (std::memcmp(prefix, "\x93NUMPY", 6) != 0)
    return failure(MPCRT_INVALID_DATA, what,
                   " is not a .npy array: the magic string is missing");
  unsigned major = prefix[6], minor = prefix[7];
  if (major < 1 || major > 3 || minor != 0)
    return failure(MPCRT_INVALID_DATA, what, " has .npy version ", major, ".",
                   minor, "; expected 1.0, 2.0 or 3.0");
  size_t lengthBytes = major == 1 ? 2 : 4;
  status = readExactly(source, what, "header", prefix + 8, lengthBytes);
  if (!status.ok())
    return status;
  size_t length = 0;
  for (size_t i = 0; i < lengthBytes; ++i)
    length |= size_t(prefix[8 + i]) << (8 * i);
  if (length > maxHeaderBytes)
    return failure(MPCRT_INVALID_DATA, what, " has a header of ", length,
                   " bytes; expected at most ", maxHeaderBytes);
  std::string dictionary(length, ' ');
  status = readExactly(source, what, "header", dictionary.data(), length);
  if (!status.ok())
    return status;
  status = parseNpyDictionary(dictionary, what, header);
  if (!status.ok())
    return status;
  header.headerBytes = 8 + lengthBytes + length;
  if (source.claimedBytes() != header.headerBytes + header.dataBytes())
    return failure(MPCRT_INVALID_DATA, what, " has ", source.claimedBytes(),
                   " bytes, but its header says ", shapeText(header.shape),
                   " of ", elementName(header.element), ", which makes ",
                   header.headerBytes + header.dataBytes(),
                   "; write the file again");
  return {};
}

Status readNpyData(ByteSource &source, const std::string &what,
                   const NpyHeader &header, uint64_t maxBytes, Array &array) {
  uint64_t total = header.dataBytes();
  if (total > maxBytes)
    return failure(MPCRT_OUT_OF_MEMORY, what, " needs ", total,
                   " bytes, but at most ", maxBytes,
                   " are available; split the data");
  array.element = header.element;
  array.shape = header.shape;
  array.bytes.clear();
  constexpr uint64_t firstChunk = uint64_t(1) << 20;
  while (array.bytes.size() < total) {
    size_t have = array.bytes.size();
    uint64_t next = std::min(total, std::max(firstChunk, 2 * uint64_t(have)));
    array.bytes.resize(size_t(next));
    Status status = readExactly(source, what, "elements", &array.bytes[have],
                                array.bytes.size() - have);
    if (!status.ok())
      return status;
  }
  char extra = 0;
  size_t got = 0;
  if (Status status = source.read(&extra, 1, got); !status.ok())
    return status;
  if (got != 0)
    return failure(MPCRT_INVALID_DATA, what,
                   " goes on after its last element; write the file again");
  if (header.fortranOrder && array.shape.size() > 1)
    array.bytes =
        toCOrder(array.bytes, array.shape, elementBytes(array.element));
  return {};
}

namespace {

/// Opens a .npy file and calls `use` with it and its header.
template <typename Use>
Status withNpyFile(const std::string &path, NpyHeader &header, Use use) {
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return failure(MPCRT_FILE, "cannot open '", path,
                   "': ", std::strerror(errno));
  struct stat info = {};
  bool regular = fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode);
  FileSource source(file, path, regular ? uint64_t(info.st_size) : 0);
  if (!regular)
    return failure(MPCRT_FILE, "'", path, "' is not a regular file");
  std::string what = text("'", path, "'");
  if (Status status = readNpyHeader(source, what, header); !status.ok())
    return status;
  return use(source, what);
}

} // namespace

Status readNpyFileHeader(const std::string &path, NpyHeader &header) {
  return withNpyFile(
      path, header, [](ByteSource &, const std::string &) { return Status(); });
}

Status readNpyFile(const std::string &path, uint64_t maxBytes, Array &array) {
  NpyHeader header;
  return withNpyFile(
      path, header, [&](ByteSource &source, const std::string &what) {
        return readNpyData(source, what, header, maxBytes, array);
      });
}

uint64_t physicalMemory() {
  long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  if (pages <= 0 || size <= 0)
    return uint64_t(1) << 40;
  return uint64_t(pages) * uint64_t(size);
}

} // namespace mpcrt::train
