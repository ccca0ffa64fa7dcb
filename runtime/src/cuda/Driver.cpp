#include "runtime/src/cuda/Driver.h"
#include "runtime/src/cuda/SharedObject.h"

namespace mpcrt::cuda {

namespace {
struct Meaning {
  Code code;
  const char *advice;
};

Meaning meaningOf(CUresult result) {
  switch (result) {
  case ERROR_OUT_OF_MEMORY:
    return {Code::OutOfMemory, "compile with a smaller batch or model, or end "
                               "what else runs on the GPU"};
  case ERROR_NO_DEVICE:
  case ERROR_INVALID_DEVICE:
    return {Code::Device, "check nvidia-smi and CUDA_VISIBLE_DEVICES, or pass "
                          "--device cpu"};
  case ERROR_STUB_LIBRARY:
  case ERROR_SYSTEM_NOT_READY:
  case ERROR_SYSTEM_DRIVER_MISMATCH:
  case ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE:
    return {Code::Device, "repair the installation of NVIDIA's driver, or pass "
                          "--device cpu"};
  case ERROR_DEVICE_UNAVAILABLE:
  case ERROR_DEVICE_NOT_LICENSED:
    return {Code::Device, "free the GPU, or pass another --device"};
  case ERROR_CALL_REQUIRES_NEWER_DRIVER:
  case ERROR_INVALID_IMAGE:
  case ERROR_NO_BINARY_FOR_GPU:
  case ERROR_INVALID_PTX:
  case ERROR_JIT_COMPILER_NOT_FOUND:
  case ERROR_UNSUPPORTED_PTX_VERSION:
  case ERROR_JIT_COMPILATION_DISABLED:
    return {Code::Device, "update NVIDIA's driver, or compile the model with "
                          "the CUDA Toolkit that fits it"};
  default:
    return {Code::Internal, "report this as a defect of mpc"};
  }
}
} // namespace

std::string Driver::versionText(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

std::shared_ptr<const Driver> Driver::open(const char *library) {
  const char *const names[] = {library};
  const SharedObject loaded(names);
  if (!loaded)
    return nullptr;
  std::shared_ptr<Driver> driver(new Driver);
#define MPCRT_LOAD(member, symbol, ...)                                        \
  (void)loaded.find(driver->member, #symbol);
#define MPCRT_REQUIRE(member, symbol, ...)                                     \
  if (!driver->member)                                                         \
    driver->missingSymbol = #symbol;
  MPCRT_CUDA_FUNCTIONS(MPCRT_LOAD)
  MPCRT_CUDA_FUNCTIONS(MPCRT_REQUIRE)
  MPCRT_OPTIONAL_CUDA_FUNCTIONS(MPCRT_LOAD)
#undef MPCRT_REQUIRE
#undef MPCRT_LOAD
  return driver;
}

Result<std::shared_ptr<const Driver>> Driver::load() {
  std::shared_ptr<const Driver> driver = open();
  if (!driver)
    return Status(Code::Device,
                  std::string("no NVIDIA driver: ") + standardName +
                      " cannot be loaded; install the driver, or pass "
                      "--device cpu");
  int version = 0;
  if (driver->driverGetVersion &&
      driver->driverGetVersion(&version) == SUCCESS && version < oldestDriver)
    return Status(Code::Device,
                  "the NVIDIA driver is for CUDA " + versionText(version) +
                      ", expected " + versionText(oldestDriver) +
                      " or later; update it, or pass --device cpu");
  if (driver->missing())
    return Status(Code::Device, std::string("the NVIDIA driver lacks ") +
                                    driver->missing() +
                                    "; update it, or pass --device cpu");
  if (Status started =
          driver->check(driver->init(0), "start the NVIDIA driver");
      !started.ok())
    return started;
  return driver;
}

Status Driver::check(CUresult result, const char *doing) const {
  if (result == SUCCESS)
    return Status();
  const char *name = nullptr, *text = nullptr;
  getErrorName(result, &name);
  getErrorString(result, &text);
  Meaning meaning = meaningOf(result);
  return Status(meaning.code,
                std::string("cannot ") + doing + ": " +
                    (name ? name : "error " + std::to_string(result)) +
                    (text ? std::string(" (") + text + ")" : "") + "; " +
                    meaning.advice);
}

std::string Driver::version() const {
  int version = 0;
  driverGetVersion(&version);
  return versionText(version);
}

} // namespace mpcrt::cuda
