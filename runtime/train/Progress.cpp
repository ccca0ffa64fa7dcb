#include "runtime/train/Progress.h"

#include <algorithm>
#include <cstdio>

namespace mpcrt::train {

std::string progressText(const ProgressState &state, int64_t done,
                         double seconds) {
  constexpr int width = 20;
  double fraction =
      state.steps > 0 ? double(state.step) / double(state.steps) : 1;
  int filled = int(width * std::clamp(fraction, 0.0, 1.0));
  double pace = seconds > 0 ? double(done) / seconds : 0;
  // Bounded, so that it fits an integer however slow the first steps are.
  constexpr double longest = 1e9;
  double left =
      pace > 0 ? std::min(double(state.steps - state.step) / pace, longest) : 0;
  char line[160];
  std::snprintf(line, sizeof(line),
                "[%s%s] %lld/%lld epoch %lld loss %.4g %.4g/s %lld:%02lld left",
                std::string(size_t(filled), '#').c_str(),
                std::string(size_t(width - filled), '.').c_str(),
                (long long)state.step, (long long)state.steps,
                (long long)state.epoch, double(state.loss), pace,
                (long long)(left / 60), (long long)left % 60);
  return std::string(line).substr(0, 79);
}

void Progress::update(const ProgressState &state) {
  if (!enabled)
    return;
  Clock::time_point now = Clock::now();
  if (firstStep < 0) {
    firstStep = state.step;
    start = last = now;
    return;
  }
  if (now - last < std::chrono::milliseconds(100))
    return;
  last = now;
  drawn = true;
  terminal << "\r\033[K"
           << progressText(state, state.step - firstStep,
                           std::chrono::duration<double>(now - start).count())
           << std::flush;
}

void Progress::clear() {
  if (drawn)
    terminal << "\r\033[K" << std::flush;
  drawn = false;
}

} // namespace mpcrt::train
