// A program's forward part in the memory of a GPU.
#ifndef MPC_BENCHMARKS_GPU_LOADED_H
#define MPC_BENCHMARKS_GPU_LOADED_H

#include "benchmarks/gpu/Gpu.h"
#include "runtime/artifact/DeviceLayout.h"
#include "runtime/src/cuda/Recorder.h"

namespace mpc::bench {

/// An artifact's forward part in the memory of a GPU. Inputs are full of normal
/// numbers, or of zeros where they are integers.
class Loaded {
public:
  static mpcrt::Result<std::unique_ptr<Loaded>> open(const Gpu &gpu,
                                                     const std::string &path);

  /// All launches, as often in a row.
  mpcrt::Result<mpcrt::cuda::GraphExec> record(int repeats) const {
    return record(repeats, launches());
  }
  /// The launch of that number alone.
  mpcrt::Result<mpcrt::cuda::GraphExec> record(int repeats, size_t i) const {
    return record(repeats, {launches()[i]});
  }

  const std::vector<mpcrt::Launch> &launches() const {
    return target().forward;
  }
  mpcrt::cuda::CUdeviceptr input(size_t i) const {
    return memory.get() + layout.slots[0].inputs[i];
  }
  mpcrt::cuda::CUdeviceptr output(size_t i) const {
    return memory.get() + layout.outputs[i];
  }

private:
  Loaded(const Gpu &gpu, mpcrt::Container container, mpcrt::Manifest manifest)
      : gpu(gpu), container(std::move(container)),
        manifest(std::move(manifest)) {}
  const mpcrt::Target &target() const { return manifest.targets.front(); }
  mpcrt::Result<mpcrt::cuda::GraphExec>
  record(int repeats, const std::vector<mpcrt::Launch> &launches) const;
  mpcrt::Status load();
  mpcrt::Status fill();
  mpcrt::Status fill(size_t index);

  const Gpu &gpu;
  const mpcrt::Container container;
  const mpcrt::Manifest manifest;
  mpcrt::DeviceLayout layout;
  mpcrt::cuda::Module module;
  mpcrt::cuda::DeviceMemory memory;
  std::optional<mpcrt::cuda::Recorder> recorder;
};

} // namespace mpc::bench

#endif
