// The program of one product in the memory of a GPU.
#ifndef MPC_BENCHMARKS_GEMM_LOADED_H
#define MPC_BENCHMARKS_GEMM_LOADED_H

#include "benchmarks/gemm/CublasLt.h"
#include "benchmarks/gemm/Gpu.h"
#include "compiler/formats/FloatFormat.h"
#include "runtime/artifact/DeviceLayout.h"
#include "runtime/src/cuda/Recorder.h"

namespace mpc::bench {

/// An artifact's program in the memory of a GPU, full of normal numbers.
class Loaded {
public:
  static mpcrt::Result<std::unique_ptr<Loaded>>
  open(const Gpu &gpu, const std::string &path, formats::FloatFormat format);

  mpcrt::Result<mpcrt::cuda::GraphExec> record(int repeats) const {
    std::vector<mpcrt::Launch> launches;
    for (int i = 0; i < repeats; ++i)
      launches.insert(launches.end(), target().forward.begin(),
                      target().forward.end());
    return recorder->record(launches, layout, {memory.get(), 0, 0},
                            gpu.stream());
  }

  Operands operands(const GemmCase &c) const;
  mpcrt::cuda::CUdeviceptr output(size_t i) const {
    return memory.get() + layout.outputs[i];
  }

private:
  Loaded(const Gpu &gpu, mpcrt::Container container, mpcrt::Manifest manifest)
      : gpu(gpu), container(std::move(container)),
        manifest(std::move(manifest)) {}
  const mpcrt::Target &target() const { return manifest.targets.front(); }
  mpcrt::Status load();
  mpcrt::Status fill(formats::FloatFormat format);
  mpcrt::cuda::CUdeviceptr input(size_t i) const {
    return memory.get() + layout.slots[0].inputs[i];
  }

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
