// Where everything of a program lies in the one allocation on a GPU.
#ifndef MPC_RUNTIME_SRC_CUDA_DEVICELAYOUT_H
#define MPC_RUNTIME_SRC_CUDA_DEVICELAYOUT_H

#include "runtime/artifact/Container.h"
#include "runtime/artifact/Manifest.h"
#include "runtime/src/Executor.h"

#include <array>
#include <map>
#include <string_view>

namespace mpcrt::cuda {

/// Offsets in bytes; every part starts at a multiple of 256, as an allocation
/// of its own would.
struct DeviceLayout {
  struct Slot {
    std::vector<uint64_t> inputs;
    uint64_t label = 0;
  };

  std::vector<uint64_t> states, outputs;
  std::array<Slot, stepSlots> slots;
  std::map<std::string_view, uint64_t> constants;
  uint64_t arena = 0, status = 0;
  uint64_t bytes = 0; ///< of the whole allocation
  // Parts of it, for messages.
  uint64_t stateBytes = 0, arenaBytes = 0;

  /// The offset of a buffer for a step in that slot; what forward takes is in
  /// slot 0.
  uint64_t offsetOf(const Buffer &buffer, size_t slot) const;
};

/// Lays out the program of one target. The strings of `target` must outlive the
/// layout. Code::OutOfMemory if no address could reach all of it.
Result<DeviceLayout> layOut(const Manifest &manifest, const Target &target,
                            const Container &container);

} // namespace mpcrt::cuda

#endif // MPC_RUNTIME_SRC_CUDA_DEVICELAYOUT_H
