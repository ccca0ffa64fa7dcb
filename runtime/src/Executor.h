// What a program needs of the device that it runs on.
#ifndef MPC_RUNTIME_SRC_EXECUTOR_H
#define MPC_RUNTIME_SRC_EXECUTOR_H

#include "runtime/artifact/Container.h"
#include "runtime/artifact/Manifest.h"
#include "runtime/src/BatchCopy.h"
#include "runtime/src/Measurement.h"
#include "runtime/src/Memory.h"

#include <functional>
#include <memory>
#include <string>

namespace mpcrt {

/// The device and what it has of the program.
struct DeviceInfo {
  std::string device;     ///< "cpu", or the number of a GPU
  std::string name;       ///< of the hardware, as its driver tells it
  std::string target;     ///< which of the artifact's targets runs
  uint64_t planBytes = 0; ///< states, arena, constants, batches, status
  /// GPU: what was asked of the driver for all that; what loading the code took
  /// besides; what was in use before the program, contexts included.
  uint64_t allocatedBytes = 0, codeBytes = 0, usedBefore = 0;
  std::string passedOver = {}; ///< why no GPU was taken, though one was wanted
  uint64_t libraryBytes = 0;   ///< GPU: the libraries' workspace, besides
  /// Who computes each launch of a training step: a library's name or
  /// noLibrary. Empty if no library may.
  std::vector<const char *> providers = {};
  std::string fallback = {}; ///< what libraries do not compute, and why
};

/// Bytes of a state in host memory: the device's own, or a copy.
struct StateView {
  const void *data = nullptr;
  AlignedBuffer copy = {};
};

/// The states and the code of a program on one device. Entries run one after
/// the other, in the order of the calls, whatever streams they run on. Reading,
/// writing, forward and derive wait for the steps that were started before.
class Executor {
public:
  virtual ~Executor() = default;

  virtual const DeviceInfo &info() const = 0;

  /// Starts a training step and returns; the batch has one pointer per input.
  /// `slot` must be free: its last step was finished. Memory of the host is
  /// read before this returns, memory of the device in the order of `stream`.
  virtual Status startStep(size_t slot, const Batch &batch, void *stream) = 0;
  /// Waits for the step in `slot` and returns its status block, which stays
  /// until the slot's next step.
  virtual Result<const void *> finishStep(size_t slot) = 0;
  /// Writes the model's outputs.
  virtual Status forward(const void *const *inputs, void *const *outputs) = 0;
  /// Recomputes what is derived from other states.
  virtual Status derive() = 0;

  virtual Result<StateView> read(size_t state) const = 0;
  /// Lets `writer` write all bytes of a state.
  virtual Status write(size_t state,
                       const std::function<Status(void *)> &writer) = 0;

  /// Takes the time of training steps on one batch and of each of their
  /// launches, `repeats` times each. Launches run in the step's order, so that
  /// each finds what it reads; one that runs again writes the same again, but
  /// for states, which change as in so many updates. No step may be unfinished.
  virtual Result<StepTimes> timeStep(const void *const *inputs,
                                     const void *label, int repeats) = 0;
  /// Measures, or knows, what the device can do. Allocates for it, and frees.
  virtual Result<Ceilings> ceilings() = 0;

  /// Whether the host can read what is there.
  virtual bool isHostMemory(const void *pointer) const = 0;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_EXECUTOR_H
