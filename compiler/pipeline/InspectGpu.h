// What an artifact's GPU targets need and hold.
#ifndef MPC_COMPILER_PIPELINE_INSPECTGPU_H
#define MPC_COMPILER_PIPELINE_INSPECTGPU_H

#include "nlohmann/json_fwd.hpp"
#include "runtime/artifact/DeviceLayout.h"
#include "llvm/Support/raw_ostream.h"

namespace mpc {

/// The parts of the allocation on a device, in bytes, and their `total`.
nlohmann::ordered_json memoryJson(const mpcrt::DeviceLayout &layout);

/// Prints code, driver, memory and kernels of a GPU target.
void printGpuTarget(const mpcrt::Manifest &manifest,
                    const mpcrt::Target &target, const mpcrt::Container &file,
                    llvm::raw_ostream &os);

/// Adds the same to the target's entry of the manifest as JSON.
void addGpuTarget(const mpcrt::Manifest &manifest, const mpcrt::Target &target,
                  const mpcrt::Container &file, nlohmann::ordered_json &entry);

} // namespace mpc

#endif
