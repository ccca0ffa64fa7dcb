// What mpc finds on a machine, and what is lost without the rest.
#ifndef MPC_TOOLS_DOCTOR_DOCTOR_H
#define MPC_TOOLS_DOCTOR_DOCTOR_H

#include "compiler/toolkit/CudaToolkit.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace mpc::doctor {

/// One thing that was looked for.
struct Finding {
  std::string name;    ///< short and fixed, for scripts
  bool needed = false; ///< some verb cannot do without it today
  bool found = false;
  std::string what; ///< what was found, or where it was looked for
  std::string lost; ///< what does not work without it
  std::string next; ///< what to do if it is missing
};

/// A GPU as its driver describes it.
struct Device {
  std::string name;
  std::string arch; ///< such as sm_90
  uint64_t memoryBytes = 0;
};

struct Report {
  std::vector<Finding> findings;
  std::vector<Device> devices;

  /// True if nothing that is needed is missing.
  bool ready() const;
};

/// Where a machine is looked at. Tests give a machine of their own.
struct Places : ToolkitPlaces {
  // Its root also has proc and sys below it.
  std::function<bool(std::string_view)> cpuHas; ///< by LLVM's feature name
  std::filesystem::path temporary; ///< the folder of temporary files
  std::string driver;              ///< what dlopen is asked for
};

/// What the environment names for temporary files, by the standard library's
/// rules; the folder may be missing.
std::filesystem::path temporaryFolder();

/// This machine, as the environment of the process describes it.
Places thisMachine();

/// Looks for everything that mpc uses now or will use for GPU targets.
Report examine(const Places &places);

void printText(const Report &report, std::ostream &out);
/// Prints what docs/schemas/doctor.schema.json describes.
void printJson(const Report &report, const std::string &version,
               std::ostream &out);

} // namespace mpc::doctor

#endif
