// The progress bar of a training run.
#ifndef MPCRT_TRAIN_PROGRESS_H
#define MPCRT_TRAIN_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace mpcrt::train {

/// What the bar shows.
struct ProgressState {
  int64_t step = 0, steps = 0; ///< attempted and wanted
  int64_t epoch = 0;           ///< from 1
  float loss = 0;
};

/// Text of the bar, at most 79 columns: fraction, step, loss, steps per second
/// and the time left, by the pace of `done` steps in `seconds`.
std::string progressText(const ProgressState &state, int64_t done,
                         double seconds);

/// Draws over one line of a terminal, at most ten times a second.
class Progress {
public:
  /// Draws nothing if not enabled.
  Progress(std::ostream &terminal, bool enabled)
      : terminal(terminal), enabled(enabled) {}

  void update(const ProgressState &state);
  /// Clears the line, so that others may print.
  void clear();

private:
  using Clock = std::chrono::steady_clock;

  std::ostream &terminal;
  bool enabled, drawn = false;
  int64_t firstStep = -1;
  Clock::time_point start, last;
};

} // namespace mpcrt::train

#endif
