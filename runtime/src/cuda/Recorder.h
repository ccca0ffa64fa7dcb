// Turns the launches of an entry into a CUDA graph.
#ifndef MPC_RUNTIME_SRC_CUDA_RECORDER_H
#define MPC_RUNTIME_SRC_CUDA_RECORDER_H

#include "runtime/artifact/DeviceLayout.h"
#include "runtime/src/cuda/Handles.h"

namespace mpcrt::cuda {

/// A status block that a graph copies to host memory at its end.
struct StatusCopy {
  void *host = nullptr; ///< pinned; null: no copy
  CUdeviceptr device = 0;
};

/// Records entries of one target whose code and memory are on the device. The
/// context must be current.
class Recorder {
public:
  /// Finds the kernels of the target in the module and lets them have the
  /// shared memory they want. `text` is Device::text(), for messages.
  static Result<Recorder> create(const Driver &driver, const Target &target,
                                 CUmodule module, CUdevice device,
                                 const std::string &text);

  /// Records the launches, in one line, with the addresses that `layout` gives
  /// them behind `base` for that slot. No graph, without an error, if there is
  /// nothing to do. `stream` must not synchronise with the default stream: what
  /// the caller does there meanwhile would fail.
  Result<GraphExec> record(const std::vector<Launch> &launches,
                           const DeviceLayout &layout, CUdeviceptr base,
                           size_t slot, StatusCopy copy, CUstream stream) const;

private:
  Recorder(const Driver &driver, const Target &target)
      : driver(&driver), target(&target) {}
  Status launch(const Launch &launch, const DeviceLayout &layout,
                CUdeviceptr base, size_t slot, CUstream stream) const;

  const Driver *driver;
  const Target *target;
  std::vector<CUfunction> functions; ///< one per kernel of the target
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_RECORDER_H
