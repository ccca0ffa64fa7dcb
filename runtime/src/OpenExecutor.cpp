#include "runtime/src/OpenExecutor.h"

#include "runtime/src/CpuExecutor.h"

#include <string_view>

namespace mpcrt {

namespace {
std::string targetNames(const Manifest &manifest) {
  std::string names;
  for (const Target &target : manifest.targets)
    names += (names.empty() ? "" : ", ") + target.target;
  return names.empty() ? "no target" : names;
}

template <typename E>
Result<std::unique_ptr<Executor>> asExecutor(Result<std::unique_ptr<E>> made) {
  if (!made.ok())
    return made.status();
  return std::unique_ptr<Executor>(std::move(*made));
}
} // namespace

Result<std::unique_ptr<Executor>> openExecutor(const Manifest &manifest,
                                               const Container &container,
                                               const mpcrt_options &options) {
  if (options.device && std::string_view(options.device) != "cpu")
    return Status(Code::Device, std::string("no device '") + options.device +
                                    "'; this runtime runs on the cpu");
  const Target *target = nullptr;
  for (const Target &candidate : manifest.targets)
    if (candidate.isCpu())
      target = &candidate;
  if (!target)
    return Status(Code::Device, "'" + container.name() + "' is for " +
                                    targetNames(manifest) +
                                    ", this runtime runs on the cpu; compile "
                                    "the model with --target cpu");
  int threads = options.threads ? options.threads : ThreadPool::availableCpus();
  return asExecutor(CpuExecutor::create(manifest, *target, container, threads));
}

} // namespace mpcrt
