// What the driver gives and wants back.
#ifndef MPC_RUNTIME_SRC_CUDA_HANDLES_H
#define MPC_RUNTIME_SRC_CUDA_HANDLES_H

#include "runtime/src/cuda/Driver.h"

#include <utility>

namespace mpcrt::cuda {

/// Destroys a handle at its end; the context it belongs to must be current
/// then. `Destroy` is a member of Driver.
template <typename T, auto Destroy> class Owned {
public:
  Owned() = default;
  Owned(const Driver &driver, T handle) : driver(&driver), handle(handle) {}
  Owned(Owned &&other) noexcept
      : driver(other.driver), handle(std::exchange(other.handle, T())) {}
  Owned &operator=(Owned &&other) noexcept {
    std::swap(driver, other.driver);
    std::swap(handle, other.handle);
    return *this;
  }
  ~Owned() {
    // What a driver says that cannot even destroy helps nobody here.
    if (handle)
      (void)(driver->*Destroy)(handle);
  }

  T get() const { return handle; }

private:
  const Driver *driver = nullptr;
  T handle = T();
};

using Module = Owned<CUmodule, &Driver::moduleUnload>;
using Stream = Owned<CUstream, &Driver::streamDestroy>;
using Event = Owned<CUevent, &Driver::eventDestroy>;
using Graph = Owned<CUgraph, &Driver::graphDestroy>;
using GraphExec = Owned<CUgraphExec, &Driver::graphExecDestroy>;
using DeviceMemory = Owned<CUdeviceptr, &Driver::memFree>;
using PinnedMemory = Owned<void *, &Driver::memFreeHost>;

/// Makes a context current in this thread, and at its end the one before.
class Entered {
public:
  Entered(const Driver &driver, CUcontext context)
      : driver(driver), pushed(driver.ctxPushCurrent(context)) {}
  ~Entered() {
    CUcontext left;
    if (pushed == SUCCESS)
      (void)driver.ctxPopCurrent(&left);
  }
  Entered(const Entered &) = delete;
  Entered &operator=(const Entered &) = delete;

  Status status() const {
    return driver.check(pushed, "enter the context of the GPU");
  }

private:
  const Driver &driver;
  CUresult pushed;
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_HANDLES_H
