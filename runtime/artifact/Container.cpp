#include "runtime/artifact/Container.h"

#include "runtime/artifact/Json.h"
#include "runtime/artifact/Seal.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace mpcrt {

using nlohmann::json;

namespace {
// The limit of the format's own reader.
constexpr uint64_t largestHeader = 100'000'000;

struct Entry {
  ContainerTensor tensor;
  uint64_t begin = 0, end = 0;
};

Status damaged(const std::string &name, const std::string &what) {
  return Status(Code::Damaged, "'" + name + "' is damaged: " + what +
                                   "; write or download the file again");
}

Status readMetadata(const json &value,
                    std::map<std::string, std::string, std::less<>> &meta) {
  if (!value.is_object())
    return Status(Code::Damaged, "__metadata__ is not an object");
  for (const auto &item : value.items()) {
    const auto *text = item.value().get_ptr<const std::string *>();
    if (!text)
      return Status(Code::Damaged,
                    "__metadata__ '" + item.key() + "' is not a string");
    meta.emplace(item.key(), *text);
  }
  return Status();
}

// Reads one tensor's record; `available` is the number of tensor bytes.
Status readEntry(const std::string &name, const json &value, uint64_t available,
                 Entry &entry) {
  Status failure;
  JsonReader record(value, "tensor '" + name + "'", &failure);
  ContainerTensor &tensor = entry.tensor;
  tensor.name = name;

  std::string type = record["dtype"].text();
  JsonReader shape = record["shape"];
  for (size_t i = 0, rank = shape.size(); i < rank; ++i)
    tensor.shape.push_back(shape.at(i).integer(0));
  JsonReader offsets = record["data_offsets"];
  if (offsets.size() != 2)
    offsets.fail("is not a pair");
  if (record.failed())
    return failure;
  entry.begin = offsets.at(0).unsignedInteger();
  entry.end = offsets.at(1).unsignedInteger();
  if (record.failed())
    return failure;

  if (std::optional<DType> dtype = dtypeFromName(type))
    tensor.dtype = *dtype;
  else
    record.fail("has unknown dtype '" + type + "'");
  if (entry.begin > entry.end || entry.end > available)
    offsets.fail("is [" + std::to_string(entry.begin) + ", " +
                 std::to_string(entry.end) + "], but the file holds " +
                 std::to_string(available) + " bytes of tensors");
  std::optional<uint64_t> bytes = tensorBytes(tensor.dtype, tensor.shape);
  if (!bytes)
    record.fail("has a shape whose size overflows");
  else if (*bytes != entry.end - entry.begin)
    record.fail("has " + std::to_string(entry.end - entry.begin) +
                " bytes, but " + typeText(tensor.dtype, tensor.shape) +
                " needs " + std::to_string(*bytes));
  return failure;
}

// The format allows neither holes nor overlaps: sorted by offset, every tensor
// begins where the one before it ends.
Status checkCoverage(const std::vector<Entry> &entries, uint64_t available) {
  uint64_t expected = 0;
  for (const Entry &entry : entries) {
    if (entry.begin != expected)
      return Status(Code::Damaged,
                    "tensor '" + entry.tensor.name + "' begins at byte " +
                        std::to_string(entry.begin) + ", expected " +
                        std::to_string(expected));
    expected = entry.end;
  }
  if (expected != available)
    return Status(Code::Damaged,
                  "the tensors end at byte " + std::to_string(expected) +
                      ", but the file holds " + std::to_string(available));
  return Status();
}
} // namespace

void Container::Unmap::operator()(void *address) const {
  munmap(address, size);
}

Result<Container> Container::open(const std::string &path) {
  auto failed = [&](const char *what) {
    return Status(Code::File, std::string("cannot ") + what + " '" + path +
                                  "': " + std::strerror(errno) +
                                  "; check the path and its permissions");
  };
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return failed("open");
  struct stat info;
  if (fstat(file, &info) != 0) {
    Status status = failed("read");
    close(file);
    return status;
  }
  if (!S_ISREG(info.st_mode)) {
    close(file);
    return Status(Code::File, "'" + path +
                                  "' is not a regular file; expected "
                                  "a safetensors file");
  }
  size_t size = size_t(info.st_size);
  if (size == 0) {
    close(file);
    return damaged(path, "it is empty");
  }
  void *address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  Status status = address == MAP_FAILED ? failed("map") : Status();
  close(file);
  if (!status.ok())
    return status;

  Container container;
  container.label = path;
  container.mapping = std::unique_ptr<void, Unmap>(address, Unmap{size});
  status = container.parse(static_cast<const std::byte *>(address), size);
  if (!status.ok())
    return status;
  return container;
}

Result<Container> Container::fromMemory(const void *data, size_t size,
                                        const std::string &name) {
  Container container;
  container.label = name;
  Status status = container.parse(static_cast<const std::byte *>(data), size);
  if (!status.ok())
    return status;
  return container;
}

Status Container::parse(const std::byte *data, size_t size) {
  uint64_t length = 0;
  if (size < sizeof length)
    return damaged(label, "it has " + std::to_string(size) +
                              " bytes, expected a header");
  for (size_t i = 0; i < sizeof length; ++i)
    length |= uint64_t(data[i]) << (8 * i);
  if (length > largestHeader || length > size - sizeof length)
    return damaged(label, "its header claims " + std::to_string(length) +
                              " bytes, the file has " + std::to_string(size));
  std::string_view header(reinterpret_cast<const char *>(data) + sizeof length,
                          size_t(length));
  if (header.empty() || header.front() != '{')
    return damaged(label, "its header does not begin with '{'");
  Result<json> document = parseJson(header, "its header");
  if (!document.ok())
    return damaged(label, document.status().message());

  const std::byte *base = data + sizeof length + length;
  uint64_t available = size - sizeof length - length;
  std::vector<Entry> entries;
  for (const auto &item : document->items()) {
    Status status;
    if (item.key() == "__metadata__")
      status = readMetadata(item.value(), meta);
    else
      status = readEntry(item.key(), item.value(), available,
                         entries.emplace_back());
    if (!status.ok())
      return damaged(label, status.message());
  }
  // Empty tensors sort before the one that begins where they stand.
  std::sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) {
    return std::tie(a.begin, a.end, a.tensor.name) <
           std::tie(b.begin, b.end, b.tensor.name);
  });
  Status covered = checkCoverage(entries, available);
  if (!covered.ok())
    return damaged(label, covered.message());

  for (Entry &entry : entries) {
    if (entry.tensor.name.starts_with(padPrefix))
      continue;
    entry.tensor.data = base + entry.begin;
    entry.tensor.bytes = size_t(entry.end - entry.begin);
    index.emplace(entry.tensor.name, list.size());
    list.push_back(std::move(entry.tensor));
  }
  return Status();
}

const ContainerTensor *Container::find(std::string_view name) const {
  auto found = index.find(name);
  return found == index.end() ? nullptr : &list[found->second];
}

Status Container::checkSeal() const {
  const std::string *expected = metadata(sealKey);
  if (!expected)
    return Status();
  Seal seal;
  for (const auto &[key, value] : meta)
    if (key != sealKey)
      seal.addMetadata(key, value);
  for (const auto &[name, position] : index) {
    const ContainerTensor &tensor = list[position];
    seal.addTensor(name, tensor.dtype, tensor.shape, tensor.data, tensor.bytes);
  }
  std::string found = seal.hex();
  if (found == *expected)
    return Status();
  return damaged(label, "its content has checksum " + found + ", expected " +
                            *expected);
}

const std::string *Container::metadata(std::string_view key) const {
  auto found = meta.find(key);
  return found == meta.end() ? nullptr : &found->second;
}

} // namespace mpcrt
