// Turns the launches of an entry into a CUDA graph.
#ifndef MPC_RUNTIME_SRC_CUDA_RECORDER_H
#define MPC_RUNTIME_SRC_CUDA_RECORDER_H

#include "runtime/artifact/DeviceLayout.h"
#include "runtime/src/cuda/Handles.h"
#include "runtime/src/cuda/LaunchOrder.h"

namespace mpcrt::cuda {

/// A status block that a graph copies to host memory once it is whole.
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
  static Result<Recorder> create(const Driver &driver, const Manifest &manifest,
                                 const Target &target, CUmodule module,
                                 CUdevice device, const std::string &text);

  /// Records the launches with the addresses that `layout` gives them behind
  /// `base` for that slot. Each waits for those before it whose memory it needs
  /// (LaunchOrder.h), so others may run at the same time. No graph, without an
  /// error, if there is nothing to do. It is uploaded by `stream`.
  Result<GraphExec> record(const std::vector<Launch> &launches,
                           const DeviceLayout &layout, CUdeviceptr base,
                           size_t slot, StatusCopy copy, CUstream stream) const;

private:
  struct Recording;

  Recorder(const Driver &driver, const Manifest &manifest, const Target &target)
      : driver(&driver), manifest(&manifest), target(&target) {}
  std::vector<Access> accessesOf(const Launch &launch,
                                 const DeviceLayout &layout, size_t slot) const;
  Status addLaunch(const Launch &launch, const DeviceLayout &layout,
                   CUdeviceptr base, size_t slot, Recording &recording) const;
  Status addEarlyEdges(const std::vector<CUgraphNode> &before, CUgraphNode node,
                       const Recording &recording) const;
  Status addCopy(const StatusCopy &copy, Recording &recording) const;

  const Driver *driver;
  const Manifest *manifest;
  const Target *target;
  std::vector<CUfunction> functions; ///< one per kernel of the target
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_RECORDER_H
