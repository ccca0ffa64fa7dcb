// Runs the entries of a program on a GPU: one graph launch per step.
#ifndef MPC_RUNTIME_SRC_CUDA_CUDAEXECUTOR_H
#define MPC_RUNTIME_SRC_CUDA_CUDAEXECUTOR_H

#include "runtime/src/Executor.h"
#include "runtime/src/cuda/Device.h"
#include "runtime/src/cuda/Recorder.h"

#include <unistd.h>

namespace mpcrt::cuda {

/// Everything is allocated, loaded and recorded in create(): one allocation on
/// the device and one of pinned host memory. A step copies its batch into its
/// slot, from the host by a stream of its own while the step before still
/// runs, and launches the slot's graph, which writes the status block to memory
/// of the host. Nothing waits but finishStep() and what is not a step.
class CudaExecutor : public Executor {
public:
  /// Code::Device if the GPU is not there or suits no target of the manifest,
  /// Code::OutOfMemory before anything is allocated if it will not fit.
  /// `threads` copy batches.
  static Result<std::unique_ptr<CudaExecutor>>
  create(const Manifest &manifest, const Container &container,
         std::optional<int> ordinal, int threads);
  ~CudaExecutor() override;

  const DeviceInfo &info() const override { return theInfo; }
  /// `stream` is a CUstream of the program's context; null is a stream of the
  /// program that keeps order with the default stream.
  Status startStep(size_t slot, const Batch &batch, void *stream) override;
  Result<const void *> finishStep(size_t slot) override;
  Status forward(const void *const *inputs, void *const *outputs) override;
  Status derive() override;
  Result<StateView> read(size_t state) const override;
  Status write(size_t state,
               const std::function<Status(void *)> &writer) override;
  // Measure.cpp
  Result<StepTimes> timeStep(const void *const *inputs, const void *label,
                             int repeats) override;
  Result<Ceilings> ceilings() override;
  bool isHostMemory(const void *pointer) const override;

private:
  struct Slot {
    std::byte *staging = nullptr; ///< pinned: the inputs and the label
    void *status = nullptr;       ///< pinned
    GraphExec graph;
    Event copied; ///< the batch has left the staging memory
    Event done;   ///< the step has ended
  };
  // What must go while the context is current.
  struct Resources {
    Module module;
    Libraries libraries;
    Stream compute, copy;
    DeviceMemory memory, workspace; ///< the latter for libraries
    PinnedMemory pinned;
    std::array<Slot, stepSlots> slots;
    GraphExec forward, derive;
  };
  // A batch on its way to a slot.
  struct Placement {
    std::byte *staging;
    CUstream stream;
    bool staged = false;
  };

  CudaExecutor(const Manifest &manifest, const Target &target, Device device,
               std::shared_ptr<const Driver> driver, Context context,
               int threads);
  Status prepare(const Container &container);
  Status checkMemory(const std::string &file);
  Status loadModule(const Container &container);
  Status makeStreams();
  Status allocate();
  Status allocateWorkspace();
  Status fillConstants(const Container &container);
  Addresses addressesOf(size_t slot) const;
  Status recordEntries();
  void measure();

  bool isHost(const void *pointer) const;
  Status place(const Batch &batch, const void *from, uint64_t offset,
               size_t bytes, Placement &placement);
  Status placeInputs(size_t slot, const Batch &batch, Placement &placement);
  Status placeBatch(size_t slot, const Batch &batch, Placement &placement);
  Result<double> timeLaunches(const Launch *first, size_t count, int repeats);
  Status launch(const GraphExec &graph, CUstream stream) const;
  Status drain() const;
  Status waitFor(CUstream stream) const;

  const Manifest &manifest;
  const Target &target;
  const Device device;
  const std::shared_ptr<const Driver> driver;
  Context context;
  ThreadPool copiers; ///< of batches, to pinned memory
  const pid_t owner = getpid();
  DeviceInfo theInfo;
  DeviceLayout layout;
  std::optional<Recorder> recorder;
  std::unique_ptr<Resources> own = std::make_unique<Resources>();
  CUdeviceptr base = 0;
  size_t freeAtStart = 0;
  CUevent lastStep = nullptr; ///< the end of the step that was started last
};

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_CUDAEXECUTOR_H
