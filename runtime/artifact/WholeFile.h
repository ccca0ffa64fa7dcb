// Writes a file so that a reader sees the old one or the new one, never a part.
#ifndef MPC_RUNTIME_ARTIFACT_WHOLEFILE_H
#define MPC_RUNTIME_ARTIFACT_WHOLEFILE_H

#include "runtime/artifact/Status.h"

#include <cstddef>
#include <string>

namespace mpcrt {

/// A temporary file beside `path`, which disappears unless it is committed.
/// Code::File if the disk refuses.
class WholeFile {
public:
  explicit WholeFile(const std::string &path);
  ~WholeFile();
  WholeFile(const WholeFile &) = delete;
  WholeFile &operator=(const WholeFile &) = delete;

  Status append(const void *data, size_t bytes);
  /// Syncs the file, gives it its name and syncs the folder.
  Status commit();

private:
  Status failed(int error) const;

  std::string target, name;
  int file = -1, openError = 0;
};

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_WHOLEFILE_H
