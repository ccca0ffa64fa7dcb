// Whatever the bytes are: the container is refused, or all of its tensors can
// be read; and what is accepted survives being written and read again. Bytes
// that begin with '{' are taken for a manifest by itself, those of an ELF file
// for a cubin, of which no more is told than it holds.
#include "runtime/artifact/Container.h"
#include "runtime/artifact/ContainerWriter.h"
#include "runtime/artifact/GpuCode.h"
#include "runtime/artifact/Manifest.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

using namespace mpcrt;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

namespace {
void touchEverything(const Container &container) {
  unsigned sum = 0;
  for (const ContainerTensor &tensor : container.tensors())
    for (size_t i = 0; i < tensor.bytes; ++i)
      sum += unsigned(tensor.data[i]);
  volatile unsigned keep = sum;
  (void)keep;
}

// The copy gets a checksum that fits, so that changes reach what lies behind
// it.
void checkRoundTrip(const Container &container) {
  ContainerWriter writer;
  for (std::string_view key : {kindKey, manifestKey})
    if (const std::string *value = container.metadata(key))
      writer.setMetadata(key, *value);
  for (const ContainerTensor &tensor : container.tensors())
    writer.add(tensor.name, tensor.dtype, tensor.shape, tensor.data,
               tensor.bytes);
  writer.seal();
  Result<std::vector<std::byte>> bytes = writer.bytes();
  if (!bytes.ok())
    abort();
  Result<Container> again =
      Container::fromMemory(bytes->data(), bytes->size(), "again");
  if (!again.ok() || again->tensors().size() != container.tensors().size())
    abort();
  if (!again->checkSeal().ok())
    abort();
  (void)readArtifact(*again);
}

void checkManifest(const std::string &text) {
  Result<Manifest> manifest = Manifest::fromJson(text);
  if (manifest.ok() && !Manifest::fromJson(manifest->toJson()).ok())
    abort();
  Result<CheckpointManifest> checkpoint = CheckpointManifest::fromJson(text);
  if (checkpoint.ok() &&
      !CheckpointManifest::fromJson(checkpoint->toJson()).ok())
    abort();
}

// A section may be named several times, but no byte more than there are.
void checkCode(std::span<const std::byte> image) {
  std::optional<GpuCode> code = readGpuCode(image);
  if (!code)
    return;
  for (const auto &[name, function] : code->functions)
    if (function.codeBytes > int64_t(image.size()) ||
        name.size() > image.size())
      abort();
}

constexpr size_t lengthBytes = 8;
constexpr size_t elfBytes = 4;
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 0 && data[0] == '{') {
    checkManifest({reinterpret_cast<const char *>(data), size});
    return 0;
  }
  if (size >= elfBytes && std::memcmp(data, "\177ELF", elfBytes) == 0) {
    checkCode({reinterpret_cast<const std::byte *>(data), size});
    return 0;
  }
  Result<Container> container = Container::fromMemory(data, size, "input");
  if (!container.ok())
    return 0;
  touchEverything(*container);
  checkRoundTrip(*container);
  if (const std::string *text = container->metadata(manifestKey))
    checkManifest(*text);
  (void)container->checkSeal();
  return 0;
}

// Half of the changes are made to the header alone, whose length is then set
// right.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t maxSize, unsigned seed) {
  uint64_t length = 0;
  if (size > lengthBytes)
    std::memcpy(&length, data, lengthBytes);
  if (seed % 2 || length == 0 || length > size - lengthBytes)
    return LLVMFuzzerMutate(data, size, maxSize);
  uint8_t *header = data + lengthBytes;
  size_t rest = size - lengthBytes - length;
  std::vector<uint8_t> tensors(header + length, header + length + rest);
  length = LLVMFuzzerMutate(header, length, maxSize - lengthBytes - rest);
  std::memcpy(data, &length, lengthBytes);
  std::copy(tensors.begin(), tensors.end(), header + length);
  return lengthBytes + length + rest;
}
