// The folder of a run's checkpoints: step-N.safetensors, and the newest as
// latest.
#ifndef MPCRT_TRAIN_CHECKPOINTS_H
#define MPCRT_TRAIN_CHECKPOINTS_H

#include "runtime/train/Program.h"

#include <filesystem>
#include <functional>

namespace mpcrt::train {

class Checkpoints {
public:
  /// Prepares a folder for saving, creating it if need be. MPCRT_FILE if files
  /// cannot be written there; MPCRT_USAGE if a new run finds checkpoints there.
  Status open(const std::string &folder, bool resume);
  bool isOpen() const { return !folder.empty(); }
  /// MPCRT_FILE if the disk of the folder cannot take a file of `bytes` now.
  Status checkSpace(uint64_t bytes) const;

  /// Saves as step-N.safetensors, N = loop.attempted_steps, and makes `latest`
  /// a second name of it (a copy where the file system has no hard links).
  /// `latest` always is a whole file.
  Status save(const Program &program, const mpcrt_loop &loop) const;
  std::filesystem::path pathOf(int64_t step) const;

  /// Loads `latest`, or, where that is damaged or absent, the step file with
  /// the largest number that is whole; `warn` gets a line per file that was
  /// passed over. MPCRT_FILE if there is no checkpoint at all, else the first
  /// failure.
  Status load(const Program &program, mpcrt_loop &loop,
              const std::function<void(const std::string &)> &warn) const;

private:
  std::vector<std::filesystem::path> candidates() const;

  std::filesystem::path folder;
};

} // namespace mpcrt::train

#endif
