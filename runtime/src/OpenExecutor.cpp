#include "runtime/src/OpenExecutor.h"

#include "runtime/src/CpuExecutor.h"
#include "runtime/src/cuda/CudaExecutor.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace mpcrt {

namespace {
const Target *cpuTarget(const Manifest &manifest) {
  for (const Target &target : manifest.targets)
    if (target.isCpu())
      return &target;
  return nullptr;
}

bool hasGpuTarget(const Manifest &manifest) {
  for (const Target &target : manifest.targets)
    if (!target.isCpu())
      return true;
  return false;
}

// Code::Device: the artifact has nothing for the device that was asked for.
Status noTarget(const Manifest &manifest, const Container &container,
                const std::string &device, const std::string &advice) {
  std::string names;
  for (const Target &target : manifest.targets)
    names += (names.empty() ? "" : ", ") + target.target;
  return Status(Code::Device, "'" + container.name() + "' is for " +
                                  (names.empty() ? "no target" : names) +
                                  ", but it shall run on " + device + "; " +
                                  advice);
}

template <typename E>
Result<std::unique_ptr<Executor>> asExecutor(Result<std::unique_ptr<E>> made) {
  if (!made.ok())
    return made.status();
  return std::unique_ptr<Executor>(std::move(*made));
}

int threadsOf(const mpcrt_options &options) {
  return options.threads ? options.threads : ThreadPool::availableCpus();
}

Result<std::unique_ptr<Executor>> onCpu(const Manifest &manifest,
                                        const Container &container,
                                        const mpcrt_options &options,
                                        const std::string &passedOver = "") {
  const Target *target = cpuTarget(manifest);
  if (!target)
    return noTarget(manifest, container, "the cpu",
                    "pass --device 0 for the first GPU, or compile the model "
                    "with --target cpu");
  return asExecutor(CpuExecutor::create(manifest, *target, container,
                                        threadsOf(options), passedOver));
}

Result<std::unique_ptr<Executor>> onGpu(const Manifest &manifest,
                                        const Container &container,
                                        const mpcrt_options &options,
                                        std::optional<int> ordinal) {
  // So many read as fast as memory gives.
  constexpr int most = 4;
  return asExecutor(cuda::CudaExecutor::create(
      manifest, container, ordinal, std::min(threadsOf(options), most)));
}

// What the artifact is for; a GPU before the CPU if there is one that suits.
Result<std::unique_ptr<Executor>> onBest(const Manifest &manifest,
                                         const Container &container,
                                         const mpcrt_options &options) {
  if (!hasGpuTarget(manifest))
    return onCpu(manifest, container, options);
  Result<std::unique_ptr<Executor>> gpu =
      onGpu(manifest, container, options, std::nullopt);
  if (gpu.status().code() == Code::Device && cpuTarget(manifest))
    return onCpu(manifest, container, options, gpu.status().message());
  return gpu;
}
} // namespace

Result<std::unique_ptr<Executor>> openExecutor(const Manifest &manifest,
                                               const Container &container,
                                               const mpcrt_options &options) {
  if (!options.device)
    return onBest(manifest, container, options);
  const std::string_view name = options.device;
  if (name == "cpu")
    return onCpu(manifest, container, options);
  int ordinal = -1;
  auto [end, error] =
      std::from_chars(name.data(), name.data() + name.size(), ordinal);
  if (error != std::errc() || end != name.data() + name.size() || ordinal < 0)
    return Status(Code::Device, "no device '" + std::string(name) +
                                    "'; expected cpu, or the number of a GPU");
  if (!hasGpuTarget(manifest))
    return noTarget(manifest, container, "GPU " + std::string(name),
                    "pass --device cpu, or compile the model with --target "
                    "sm_90a,sm_80,ptx");
  return onGpu(manifest, container, options, ordinal);
}

} // namespace mpcrt
