// Runs the entries of a program on the CPU.
#ifndef MPC_RUNTIME_SRC_CPUEXECUTOR_H
#define MPC_RUNTIME_SRC_CPUEXECUTOR_H

#include "runtime/src/Executor.h"
#include "runtime/src/Image.h"
#include "runtime/src/ThreadPool.h"

#include <array>
#include <vector>

namespace mpcrt {

/// Holds code, arena, threads and, per entry, a flat list of launches whose
/// pointers are resolved. Nothing is allocated after create(); what a call adds
/// is the addresses of its batch, written over those of the last one.
class CpuExecutor : public Executor {
public:
  /// Code::OutOfMemory before anything is allocated unless all of it will fit.
  /// `passedOver` is for DeviceInfo.
  static Result<std::unique_ptr<CpuExecutor>>
  create(const Manifest &manifest, const Target &target,
         const Container &container, int threads,
         const std::string &passedOver);

  const DeviceInfo &info() const override { return theInfo; }
  /// Runs the whole step; a stream means nothing here.
  Status startStep(size_t slot, const Batch &batch, void *stream) override;
  Result<const void *> finishStep(size_t slot) override;
  Status forward(const void *const *inputs, void *const *outputs) override;
  Status derive() override;
  Result<StateView> read(size_t state) const override;
  Status write(size_t state,
               const std::function<Status(void *)> &writer) override;
  Result<StepTimes> timeStep(const void *const *inputs, const void *label,
                             int repeats) override;
  Result<Ceilings> ceilings() override;
  bool isHostMemory(const void *) const override { return true; }

private:
  // A pointer in `Entry::pointers` that follows the caller's batch.
  struct Patch {
    size_t slot;
    Buffer::Kind kind;
    size_t index;
  };
  struct Step {
    KernelFunction kernel;
    int64_t tiles;
    size_t firstPointer;
    bool shared; // among the threads
  };
  struct Entry {
    std::vector<Step> steps;
    std::vector<void *> pointers;
    std::vector<Patch> patches;
  };
  // A tensor of the caller's, and a place of ours for it when the caller's is
  // not aligned, or not a batch yet.
  struct Slot {
    AlignedBuffer copy;
    void *current = nullptr;
  };

  CpuExecutor(const Manifest &manifest, const Target &target, int threads);
  void *resolve(const Buffer &buffer, const Container &container);
  Entry prepare(const Manifest &manifest, const Target &target,
                const std::vector<Launch> &launches,
                const std::vector<void *> &resolved) const;
  void bind(Slot &slot, const void *tensor, const Batch &batch);
  void bindInputs(const Batch &batch);
  void bindBatch(const Batch &batch);
  void run(Entry &entry);
  void runStep(const Entry &entry, const Step &step);

  DeviceInfo theInfo;
  ThreadPool pool;
  Image image;
  std::vector<AlignedBuffer> states;
  AlignedBuffer arena;
  AlignedBuffer status;
  std::array<std::array<std::byte, size_t(statusBytes)>, stepSlots> finished;
  std::vector<AlignedBuffer> constants;
  std::vector<Slot> inputSlots, outputSlots;
  Slot labelSlot;
  Entry trainEntry, forwardEntry, deriveEntry;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_CPUEXECUTOR_H
