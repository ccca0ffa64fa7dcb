#include "runtime/src/cuda/Device.h"

#include "runtime/src/cuda/Handles.h"

#include <array>

namespace mpcrt::cuda {

namespace {
Result<Device> describe(const Driver &driver, int ordinal) {
  Device device;
  device.ordinal = ordinal;
  std::array<char, 256> name = {};
  Status status =
      driver.check(driver.deviceGet(&device.handle, ordinal), "find the GPU");
  if (status.ok())
    status = driver.check(
        driver.deviceGetName(name.data(), int(name.size()) - 1, device.handle),
        "ask the GPU for its name");
  if (status.ok())
    status = driver.check(
        driver.deviceGetAttribute(&device.major,
                                  DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR,
                                  device.handle),
        "ask the GPU for its compute capability");
  if (status.ok())
    status = driver.check(
        driver.deviceGetAttribute(&device.minor,
                                  DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
                                  device.handle),
        "ask the GPU for its compute capability");
  if (!status.ok())
    return status;
  device.name = name.data();
  return device;
}

// The number of the device of the caller's current context.
std::optional<int> currentDevice(const Driver &driver, int count,
                                 CUcontext *context) {
  CUdevice current = 0, handle = 0;
  if (driver.ctxGetCurrent(context) != SUCCESS || !*context ||
      driver.ctxGetDevice(&current) != SUCCESS)
    return std::nullopt;
  for (int i = 0; i < count; ++i)
    if (driver.deviceGet(&handle, i) == SUCCESS && handle == current)
      return i;
  return std::nullopt;
}

bool suits(const Target &target, const Device &device) {
  if (target.target == "sm_90a")
    return device.major == 9 && device.minor == 0;
  if (target.target == "sm_80")
    return device.major == 8;
  return target.target == "ptx" && device.major >= 8;
}
} // namespace

std::string Device::text() const {
  return "GPU " + std::to_string(ordinal) + " (" + name +
         ", compute capability " + std::to_string(major) + "." +
         std::to_string(minor) + ")";
}

Result<Device> findDevice(const Driver &driver, std::optional<int> ordinal) {
  int count = 0;
  Status status = driver.check(driver.deviceGetCount(&count), "count the GPUs");
  if (!status.ok())
    return status;
  if (count == 0)
    return driver.check(ERROR_NO_DEVICE, "find a GPU");
  CUcontext context = nullptr;
  std::optional<int> current = currentDevice(driver, count, &context);
  int wanted = ordinal.value_or(current.value_or(0));
  if (wanted >= count)
    return Status(Code::Device,
                  "no GPU " + std::to_string(wanted) + "; this machine has " +
                      std::to_string(count) + ", numbered from 0");
  Result<Device> device = describe(driver, wanted);
  if (device.ok() && current == wanted)
    device->current = context;
  return device;
}

Result<const Target *> chooseTarget(const Manifest &manifest,
                                    const Device &device,
                                    const std::string &file) {
  for (const char *name : {"sm_90a", "sm_80", "ptx"})
    for (const Target &target : manifest.targets)
      if (target.target == name && suits(target, device))
        return &target;
  std::string names;
  for (const Target &target : manifest.targets)
    names += (names.empty() ? "" : ", ") + target.target;
  return Status(Code::Device,
                "'" + file + "' is for " +
                    (names.empty() ? "no target" : names) +
                    ", none of which runs on " + device.text() +
                    (device.major < 8
                         ? "; GPUs are supported from 8.0 on, pass --device cpu"
                         : "; compile the model with --target ptx, which runs "
                           "from 8.0 on"));
}

Result<Context> Context::open(std::shared_ptr<const Driver> driver,
                              const Device &device) {
  Context context(std::move(driver), device.current);
  if (context.context)
    return context;
  Status status = context.driver->check(
      context.driver->primaryCtxRetain(&context.context, device.handle),
      "make a context on the GPU");
  if (!status.ok())
    return status;
  context.retained = device.handle;
  return context;
}

Context::Context(Context &&other) noexcept
    : driver(std::move(other.driver)), context(other.context),
      retained(std::exchange(other.retained, std::nullopt)) {}

Context::~Context() {
  if (retained)
    (void)driver->primaryCtxRelease(*retained);
}

} // namespace mpcrt::cuda
