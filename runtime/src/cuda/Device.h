// The GPU that runs a program, and the image that suits it.
#ifndef MPC_RUNTIME_SRC_CUDA_DEVICE_H
#define MPC_RUNTIME_SRC_CUDA_DEVICE_H

#include "runtime/artifact/Manifest.h"
#include "runtime/src/cuda/Driver.h"

#include <optional>

namespace mpcrt::cuda {

struct Device {
  int ordinal = 0;
  CUdevice handle = 0;
  std::string name;
  int major = 0, minor = 0;    ///< compute capability
  CUcontext current = nullptr; ///< the caller's context, if it is on this GPU

  /// "GPU 0 (NVIDIA H200, compute capability 9.0)".
  std::string text() const;
};

/// The GPU of that number; by default that of the caller's current context,
/// else number 0. Code::Device if there is no such.
Result<Device> findDevice(const Driver &driver, std::optional<int> ordinal);

/// The target of the manifest that the device runs best: code for sm_90a on
/// exactly 9.0, for sm_80 on 8.x, PTX from 8.0 on. Code::Device, with what
/// there is, if there is none. `file` names the artifact in messages.
Result<const Target *> chooseTarget(const Manifest &manifest,
                                    const Device &device,
                                    const std::string &file);

/// The caller's current context, or the device's primary one, which is then
/// held until the end.
class Context {
public:
  static Result<Context> open(std::shared_ptr<const Driver> driver,
                              const Device &device);
  Context(Context &&other) noexcept;
  Context &operator=(Context &&) = delete;
  ~Context();

  CUcontext get() const { return context; }
  /// Leaves it as it is at the end: a forked process must not touch it.
  void forget() { retained.reset(); }

private:
  Context(std::shared_ptr<const Driver> driver, CUcontext context)
      : driver(std::move(driver)), context(context) {}

  std::shared_ptr<const Driver> driver;
  CUcontext context = nullptr;
  std::optional<CUdevice> retained;
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_DEVICE_H
