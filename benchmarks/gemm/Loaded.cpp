#include "benchmarks/gemm/Loaded.h"
#include <random>

using namespace mpcrt;
using namespace mpcrt::cuda;

namespace mpc::bench {

Result<std::unique_ptr<Loaded>> Loaded::open(const Gpu &gpu,
                                             const std::string &path,
                                             formats::FloatFormat format) {
  Result<Container> container = Container::open(path);
  if (!container.ok())
    return container.status();
  Result<Manifest> manifest = readArtifact(*container);
  if (!manifest.ok())
    return manifest.status();
  std::unique_ptr<Loaded> loaded(
      new Loaded(gpu, std::move(*container), std::move(*manifest)));
  Status status = loaded->load();
  if (status.ok())
    status = loaded->fill(format);
  if (!status.ok())
    return status;
  return loaded;
}

Status Loaded::load() {
  layout = *layOut(manifest, target(), container);
  const ContainerTensor *image = container.find(target().image);
  CUmodule made = nullptr;
  Status status = gpu.driver().check(
      gpu.driver().moduleLoadDataEx(&made, image->data, 0, nullptr, nullptr),
      "load the code");
  module = Module(gpu.driver(), made);
  if (!status.ok())
    return status;
  Result<DeviceMemory> allocated = gpu.allocate(layout.bytes);
  if (!allocated.ok())
    return allocated.status();
  memory = std::move(*allocated);
  Result<Recorder> created =
      Recorder::create(gpu.driver(), manifest, target(), made,
                       gpu.device().handle, gpu.device().text());
  if (!created.ok())
    return created.status();
  recorder = std::move(*created);
  return Status();
}

// How fast tensor cores run depends on the bits: zeros take less power.
Status Loaded::fill(formats::FloatFormat format) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  std::vector<uint16_t> numbers(size_t(1) << 22);
  for (uint16_t &number : numbers)
    number = uint16_t(formats::roundToFormat(normal(random), format));
  Status status;
  for (uint64_t at = 0; at < layout.bytes && status.ok();) {
    size_t bytes = std::min<uint64_t>(numbers.size() * 2, layout.bytes - at);
    status = gpu.driver().check(
        gpu.driver().memcpyHtoDAsync(memory.get() + at, numbers.data(), bytes,
                                     gpu.stream()),
        "fill memory");
    at += bytes;
  }
  if (status.ok())
    status = gpu.driver().check(gpu.driver().streamSynchronize(gpu.stream()),
                                "fill memory");
  return status;
}

Operands Loaded::operands(const GemmCase &c) const {
  Operands o = {input(0), input(1), output(0), 0, 0};
  if (c.fused == Fused::BiasGelu) {
    o.saved = output(0);
    o.result = output(1);
    o.bias = input(2);
  } else if (c.fused == Fused::GeluGradBias) {
    o.saved = input(2);
    o.bias = output(1);
  }
  return o;
}

} // namespace mpc::bench
