#include "runtime/artifact/ContainerWriter.h"

#include "runtime/artifact/Container.h"
#include "runtime/artifact/Json.h"
#include "runtime/artifact/Seal.h"
#include "runtime/artifact/WholeFile.h"

#include <algorithm>
#include <set>

namespace mpcrt {

using nlohmann::json;

namespace {
std::string quoted(const std::string &text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

// True if JSON can carry the name unchanged: it is UTF-8.
bool survivesJson(const std::string &text) {
  json back = json::parse(quoted(text), nullptr, false);
  return back.is_string() && back.get_ref<const std::string &>() == text;
}

std::string record(const std::string &name, DType dtype,
                   std::span<const int64_t> shape, size_t begin, size_t end) {
  std::string text = quoted(name) + ":{\"dtype\":\"";
  text += dtypeName(dtype);
  text += "\",\"shape\":[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? "," : "") + std::to_string(shape[i]);
  return text + "],\"data_offsets\":[" + std::to_string(begin) + "," +
         std::to_string(end) + "]}";
}

} // namespace

void ContainerWriter::setMetadata(std::string_view key, std::string value) {
  metadata.insert_or_assign(std::string(key), std::move(value));
}

void ContainerWriter::add(std::string_view name, DType dtype,
                          std::span<const int64_t> shape, const void *data,
                          size_t bytes) {
  tensors.push_back(
      {std::string(name), dtype, {shape.begin(), shape.end()}, data, bytes});
}

void ContainerWriter::addOwned(std::string_view name, DType dtype,
                               std::span<const int64_t> shape,
                               std::vector<std::byte> data) {
  owned.push_back(std::make_unique<std::vector<std::byte>>(std::move(data)));
  add(name, dtype, shape, owned.back()->data(), owned.back()->size());
}

void ContainerWriter::seal() {
  Seal seal;
  for (const auto &[key, value] : metadata)
    seal.addMetadata(key, value);
  std::vector<const Tensor *> byName;
  for (const Tensor &tensor : tensors)
    byName.push_back(&tensor);
  std::sort(byName.begin(), byName.end(),
            [](const Tensor *a, const Tensor *b) { return a->name < b->name; });
  for (const Tensor *tensor : byName)
    seal.addTensor(tensor->name, tensor->dtype, tensor->shape, tensor->data,
                   tensor->bytes);
  setMetadata(sealKey, seal.hex());
}

Status ContainerWriter::check() const {
  std::set<std::string_view> names;
  for (const Tensor &tensor : tensors) {
    std::string what = "tensor '" + tensor.name + "' ";
    if (tensor.name == "__metadata__" || tensor.name.starts_with(padPrefix))
      return Status(Code::InvalidData,
                    what + "has a name that the file format reserves; rename "
                           "it in the model");
    if (!survivesJson(tensor.name))
      return Status(Code::InvalidData, what + "has a name that is not UTF-8; "
                                              "rename it in the model");
    if (!names.insert(tensor.name).second)
      return Status(Code::Internal, what + "is written twice");
    std::optional<uint64_t> bytes = tensorBytes(tensor.dtype, tensor.shape);
    if (!bytes || *bytes != tensor.bytes)
      return Status(Code::Internal, what + "has " +
                                        std::to_string(tensor.bytes) +
                                        " bytes, which is not the size of " +
                                        typeText(tensor.dtype, tensor.shape));
  }
  return Status();
}

size_t ContainerWriter::padding(size_t offset) const {
  return (alignment - offset % alignment) % alignment;
}

std::string ContainerWriter::header() const {
  std::string text = "{";
  if (!metadata.empty()) {
    text += "\"__metadata__\":{";
    const char *separator = "";
    for (const auto &[key, value] : metadata) {
      text += separator + quoted(key) + ":" + quoted(value);
      separator = ",";
    }
    text += "}";
  }
  const char *separator = metadata.empty() ? "" : ",";
  size_t offset = 0;
  size_t pads = 0;
  for (const Tensor &tensor : tensors) {
    if (size_t gap = padding(offset)) {
      int64_t extent = int64_t(gap);
      text += separator + record(std::string(padPrefix) + std::to_string(pads),
                                 DType::U8, {&extent, 1}, offset, offset + gap);
      ++pads;
      offset += gap;
      separator = ",";
    }
    text += separator + record(tensor.name, tensor.dtype, tensor.shape, offset,
                               offset + tensor.bytes);
    offset += tensor.bytes;
    separator = ",";
  }
  text += "}";
  // Spaces after the header put the first tensor at a multiple of the
  // alignment; the format itself asks for 8.
  size_t unit = std::max<size_t>(alignment, 8);
  while ((8 + text.size()) % unit)
    text += ' ';
  return text;
}

Status ContainerWriter::stream(const Sink &sink) const {
  std::string text = header();
  unsigned char length[8];
  for (size_t i = 0; i < 8; ++i)
    length[i] = static_cast<unsigned char>(uint64_t(text.size()) >> (8 * i));
  Status status = sink(length, sizeof length);
  if (status.ok())
    status = sink(text.data(), text.size());
  const std::vector<std::byte> zeros(alignment);
  size_t offset = 0;
  for (const Tensor &tensor : tensors) {
    size_t gap = padding(offset);
    if (status.ok() && gap)
      status = sink(zeros.data(), gap);
    if (status.ok() && tensor.bytes)
      status = sink(tensor.data, tensor.bytes);
    offset += gap + tensor.bytes;
  }
  return status;
}

Status ContainerWriter::write(const std::string &path) const {
  Status status = check();
  if (!status.ok())
    return status;
  WholeFile file(path);
  status = stream(
      [&](const void *data, size_t bytes) { return file.append(data, bytes); });
  return status.ok() ? file.commit() : status;
}

Result<std::vector<std::byte>> ContainerWriter::bytes() const {
  Status status = check();
  if (!status.ok())
    return status;
  std::vector<std::byte> all;
  status = stream([&](const void *data, size_t bytes) {
    const auto *first = static_cast<const std::byte *>(data);
    all.insert(all.end(), first, first + bytes);
    return Status();
  });
  if (!status.ok())
    return status;
  return all;
}

} // namespace mpcrt
