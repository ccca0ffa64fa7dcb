// A folder for files that end with the command.
#ifndef MPC_TOOLS_MPC_TEMPORARYFOLDER_H
#define MPC_TOOLS_MPC_TEMPORARYFOLDER_H

#include "tools/doctor/Doctor.h"
#include <filesystem>
#include <stdlib.h>
#include <string>

namespace mpc {

/// A folder of its own that disappears with everything in it.
class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name = (doctor::temporaryFolder() / "mpc-XXXXXX").string();
    if (const char *made = mkdtemp(name.data()))
      folder = made;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!folder.empty())
      std::filesystem::remove_all(folder, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  std::filesystem::path folder; ///< empty if it could not be made
};

} // namespace mpc

#endif
