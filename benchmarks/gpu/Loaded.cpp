#include "benchmarks/gpu/Loaded.h"
#include "compiler/formats/FloatFormat.h"
#include <cstring>
#include <map>
#include <random>

using namespace mpcrt;
using namespace mpcrt::cuda;

namespace mpc::bench {

Result<std::unique_ptr<Loaded>> Loaded::open(const Gpu &gpu,
                                             const std::string &path) {
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
    status = loaded->fill();
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

Result<GraphExec> Loaded::record(int repeats,
                                 const std::vector<Launch> &launches) const {
  std::vector<Launch> all;
  for (int i = 0; i < repeats; ++i)
    all.insert(all.end(), launches.begin(), launches.end());
  return recorder->record(all, layout, {memory.get(), 0, 0}, gpu.stream());
}

static std::optional<formats::FloatFormat> formatOf(DType type) {
  switch (type) {
  case DType::F32:
    return formats::FloatFormat::F32;
  case DType::F16:
    return formats::FloatFormat::F16;
  case DType::BF16:
    return formats::FloatFormat::BF16;
  default:
    return std::nullopt;
  }
}

/// Two million normal numbers, little endian.
static std::vector<std::byte> makeNumbers(formats::FloatFormat format) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  const size_t width = size_t(formats::info(format).bits()) / 8;
  std::vector<std::byte> numbers((size_t(1) << 21) * width);
  for (size_t at = 0; at < numbers.size(); at += width) {
    const uint32_t bits = formats::roundToFormat(normal(random), format);
    std::memcpy(&numbers[at], &bits, width);
  }
  return numbers;
}

static const std::vector<std::byte> &
normalNumbers(formats::FloatFormat format) {
  static std::map<formats::FloatFormat, std::vector<std::byte>> made;
  auto [place, isNew] = made.try_emplace(format);
  if (isNew)
    place->second = makeNumbers(format);
  return place->second;
}

Status Loaded::fill() {
  Status status;
  for (size_t i = 0; i < manifest.inputs.size() && status.ok(); ++i)
    status = fill(i);
  return status;
}

// How fast tensor cores run depends on the bits: zeros take less power.
Status Loaded::fill(size_t index) {
  const TensorSpec &spec = manifest.inputs[index];
  const Driver &driver = gpu.driver();
  const CUdeviceptr to = input(index);
  const CUstream stream = gpu.stream();
  auto format = formatOf(spec.dtype);
  if (!format)
    return driver.check(driver.memsetD8Async(to, 0, spec.bytes(), stream),
                        "clear memory");
  const std::vector<std::byte> &numbers = normalNumbers(*format);
  size_t done = std::min(numbers.size(), spec.bytes());
  Status status = driver.check(
      driver.memcpyHtoDAsync(to, numbers.data(), done, stream), "fill memory");
  for (size_t next = 0; done < spec.bytes() && status.ok(); done += next) {
    next = std::min(done, spec.bytes() - done);
    status = driver.check(driver.memcpyDtoDAsync(to + done, to, next, stream),
                          "fill memory");
  }
  if (status.ok())
    status = driver.check(driver.streamSynchronize(stream), "fill memory");
  return status;
}

} // namespace mpc::bench
