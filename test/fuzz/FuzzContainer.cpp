// Whatever the bytes are: the container is refused, or all of its tensors can
// be read; and what is accepted survives being written and read again.
#include "runtime/artifact/Container.h"
#include "runtime/artifact/ContainerWriter.h"
#include "runtime/artifact/Manifest.h"

#include <cstdint>
#include <cstdlib>

using namespace mpcrt;

namespace {
void touchEverything(const Container &container) {
  unsigned sum = 0;
  for (const ContainerTensor &tensor : container.tensors())
    for (size_t i = 0; i < tensor.bytes; ++i)
      sum += unsigned(tensor.data[i]);
  volatile unsigned keep = sum;
  (void)keep;
}

void checkRoundTrip(const Container &container) {
  ContainerWriter writer;
  for (const ContainerTensor &tensor : container.tensors())
    writer.add(tensor.name, tensor.dtype, tensor.shape, tensor.data,
               tensor.bytes);
  Result<std::vector<std::byte>> bytes = writer.bytes();
  if (!bytes.ok())
    abort();
  Result<Container> again =
      Container::fromMemory(bytes->data(), bytes->size(), "again");
  if (!again.ok() || again->tensors().size() != container.tensors().size())
    abort();
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Result<Container> container = Container::fromMemory(data, size, "input");
  if (!container.ok())
    return 0;
  touchEverything(*container);
  checkRoundTrip(*container);
  Result<Manifest> manifest = readArtifact(*container);
  if (manifest.ok() && !Manifest::fromJson(manifest->toJson()).ok())
    abort();
  return 0;
}
