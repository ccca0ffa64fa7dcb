// Turns the launches of an entry into a CUDA graph.
#ifndef MPC_RUNTIME_SRC_CUDA_RECORDER_H
#define MPC_RUNTIME_SRC_CUDA_RECORDER_H

#include "runtime/artifact/DeviceLayout.h"
#include "runtime/src/cuda/Handles.h"
#include "runtime/src/cuda/LaunchOrder.h"
#include "runtime/src/cuda/Libraries.h"

namespace mpcrt::cuda {

/// Where the data of a step lie on the device.
struct Addresses {
  CUdeviceptr base;   ///< of the allocation that a DeviceLayout describes
  size_t slot;        ///< of the batch
  CUdeviceptr status; ///< of the status block, which is not in there
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

  /// Lets libraries compute what they can; both must outlive the recorder.
  void use(const Libraries &able, CUdeviceptr memory) {
    libraries = &able;
    workspace = reinterpret_cast<void *>(memory);
  }
  /// How many launches become one node where that one is the first: 1 but for a
  /// library's.
  size_t span(const Launch &launch) const {
    return callOf(launch) ? size_t(launch.library->launches) : 1;
  }

  /// Who computes each of the launches: a library's name or noLibrary.
  std::vector<const char *>
  providersOf(const std::vector<Launch> &launches) const;

  /// Records the launches with the addresses that `layout` gives them there.
  /// Each waits for those before it whose memory it needs (LaunchOrder.h), so
  /// others may run at the same time. No graph, without an error, if there is
  /// nothing to do. It is uploaded by `stream`.
  Result<GraphExec> record(const std::vector<Launch> &launches,
                           const DeviceLayout &layout, const Addresses &where,
                           CUstream stream) const;

private:
  struct Recording;

  Recorder(const Driver &driver, const Manifest &manifest, const Target &target)
      : driver(&driver), manifest(&manifest), target(&target) {}
  std::vector<Access> accessesOf(const Launch &launch,
                                 const DeviceLayout &layout, size_t slot) const;
  const PreparedCall *callOf(const Launch &launch) const {
    return libraries && launch.library ? libraries->find(*launch.library)
                                       : nullptr;
  }
  std::vector<Access> libraryAccesses(const Launch &launch,
                                      const DeviceLayout &layout,
                                      size_t slot) const;
  Status addLibraryCall(const Launch &launch, const DeviceLayout &layout,
                        const Addresses &where, CUstream stream,
                        Recording &recording) const;
  Status addLaunch(const Launch &launch, const DeviceLayout &layout,
                   const Addresses &where, Recording &recording) const;
  Status addEarlyEdges(const std::vector<CUgraphNode> &before, CUgraphNode node,
                       const Recording &recording) const;

  const Driver *driver;
  const Manifest *manifest;
  const Target *target;
  std::vector<CUfunction> functions; ///< one per kernel of the target
  const Libraries *libraries = nullptr;
  void *workspace = nullptr;
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_RECORDER_H
