// Runs the entries of a program on the CPU.
#ifndef MPC_RUNTIME_SRC_CPUEXECUTOR_H
#define MPC_RUNTIME_SRC_CPUEXECUTOR_H

#include "runtime/artifact/Container.h"
#include "runtime/artifact/Manifest.h"
#include "runtime/src/Image.h"
#include "runtime/src/Memory.h"
#include "runtime/src/ThreadPool.h"

#include <array>
#include <memory>
#include <vector>

namespace mpcrt {

/// Holds code, arena, threads and, per entry, a flat list of launches whose
/// pointers are resolved. Nothing is allocated after create(); what a call adds
/// is the addresses of its batch, written over those of the last one.
class CpuExecutor {
public:
  /// `states` has one buffer per state of the manifest; they must stay where
  /// they are as long as the executor lives, and so must `container`.
  static Result<std::unique_ptr<CpuExecutor>>
  create(const Manifest &manifest, const Target &target,
         const Container &container, std::vector<AlignedBuffer> &states,
         int threads);

  /// One training step; `inputs` has one pointer per input. Returns the status
  /// block, which the next step overwrites.
  const void *trainStep(const void *const *inputs, const void *label);
  /// Writes the model's outputs.
  void forward(const void *const *inputs, void *const *outputs);
  /// Recomputes what is derived from other states.
  void derive();

  int threads() const { return pool.threads(); }

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
  // not aligned.
  struct Slot {
    AlignedBuffer copy;
    void *current = nullptr;
  };

  CpuExecutor(const Manifest &manifest, const Target &target, int threads);
  void *resolve(const Buffer &buffer, const Container &container,
                std::vector<AlignedBuffer> &states);
  Entry prepare(const Manifest &manifest, const Target &target,
                const std::vector<Launch> &launches,
                const std::vector<void *> &resolved) const;
  void bindInputs(const void *const *inputs);
  void run(Entry &entry);

  ThreadPool pool;
  Image image;
  AlignedBuffer arena;
  AlignedBuffer status;
  std::vector<AlignedBuffer> constants;
  std::vector<Slot> inputSlots, outputSlots;
  Slot labelSlot;
  Entry trainEntry, forwardEntry, deriveEntry;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_CPUEXECUTOR_H
