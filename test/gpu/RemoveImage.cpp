// remove_image ARTIFACT TARGET OUT: the artifact without that target and its
// image, so that a GPU takes another one. Exit codes: 0, 2 for wrong usage,
// else that of mpc for the mistake.
#include "runtime/artifact/ContainerWriter.h"
#include "runtime/artifact/Manifest.h"
#include <cstdio>

using namespace mpcrt;

static Status removeImage(const std::string &from, std::string_view name,
                          const std::string &to) {
  Result<Container> container = Container::open(from);
  if (!container.ok())
    return container.status();
  Result<Manifest> manifest = readArtifact(*container);
  if (!manifest.ok())
    return manifest.status();
  std::string image;
  std::erase_if(manifest->targets, [&](const Target &target) {
    if (target.target == name)
      image = target.image;
    return target.target == name;
  });
  if (image.empty())
    return Status(Code::Usage, from + " has no image for " + std::string(name) +
                                   "; mpc inspect lists its targets");
  ContainerWriter writer;
  writer.setMetadata(kindKey, *container->metadata(kindKey));
  writer.setMetadata(manifestKey, manifest->toJson());
  for (const ContainerTensor &tensor : container->tensors())
    if (tensor.name != image)
      writer.add(tensor.name, tensor.dtype, tensor.shape, tensor.data,
                 tensor.bytes);
  writer.seal();
  return writer.write(to);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: remove_image ARTIFACT TARGET OUT\n");
    return 2;
  }
  Status status = removeImage(argv[1], argv[2], argv[3]);
  if (!status.ok())
    std::fprintf(stderr, "%s\n", status.message().c_str());
  return int(status.code());
}
