// Where everything of a program lies in the one allocation on a GPU.
#ifndef MPC_RUNTIME_ARTIFACT_DEVICELAYOUT_H
#define MPC_RUNTIME_ARTIFACT_DEVICELAYOUT_H

#include "runtime/artifact/Manifest.h"

#include <array>
#include <functional>
#include <map>
#include <string_view>

namespace mpcrt {

/// Offsets in bytes; every part starts at a multiple of 256, as an allocation
/// of its own would.
struct DeviceLayout {
  struct Slot {
    std::vector<uint64_t> inputs;
    uint64_t label = 0;
  };
  /// What the allocation is for, padding included. Batches are those of all
  /// slots.
  struct Parts {
    uint64_t states = 0, arena = 0, constants = 0, batches = 0, outputs = 0,
             status = 0;
  };

  std::vector<uint64_t> states, outputs;
  std::array<Slot, stepSlots> slots;
  std::map<std::string_view, uint64_t> constants;
  uint64_t arena = 0, status = 0;
  uint64_t bytes = 0; ///< of the whole allocation
  Parts parts;

  /// The offset of a buffer for a step in that slot; what forward takes is in
  /// slot 0.
  uint64_t offsetOf(const Buffer &buffer, size_t slot) const;
};

/// Lays out the program of one target. The strings of `target` must outlive the
/// layout; `constantBytes` tells the size of a constant. Nothing if no address
/// could reach all of it.
std::optional<DeviceLayout>
layOut(const Manifest &manifest, const Target &target,
       const std::function<uint64_t(const std::string &)> &constantBytes);

/// The same for an artifact whose manifest fits the file.
std::optional<DeviceLayout> layOut(const Manifest &manifest,
                                   const Target &target,
                                   const Container &container);

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_DEVICELAYOUT_H
