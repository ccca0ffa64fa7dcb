// What a step costs, launch by launch: measured, and what it would cost at the
// device's ceilings.
#ifndef MPCRT_TRAIN_BENCH_H
#define MPCRT_TRAIN_BENCH_H

#include "runtime/train/Program.h"

#include <ostream>

namespace mpcrt::train {

struct BenchLaunch {
  mpcrt_launch_info info = {};
  double seconds = 0;
  /// The time at the ceilings: for its bytes at the speed of copies, or for its
  /// flops if that is longer.
  double least = 0;
  bool boundByFlops = false;

  /// Of the ceiling; 0 where nothing is to be done. Above 1 where caches are
  /// faster than the copy.
  double share() const { return seconds > 0 ? least / seconds : 0; }
};

struct BenchReport {
  std::string artifact;
  mpcrt_device_info device = {};
  int64_t batch = 0, steps = 0;
  mpcrt_ceilings ceilings = {};
  std::vector<BenchLaunch> launches;
  double step = 0;     ///< seconds on the device
  double hostStep = 0; ///< with the batch from host memory and the status back

  double launchSeconds() const;
  /// The sum of all `least`.
  double leastSeconds() const;
};

/// Sets `least` and `boundByFlops` of a launch. A rate that is not known bounds
/// nothing.
void setLeast(BenchLaunch &launch, const mpcrt_ceilings &ceilings);

void printBench(const BenchReport &report, std::ostream &out);
void printBenchMarkdown(const BenchReport &report, std::ostream &out);
/// What docs/schemas/bench.schema.json describes.
void printBenchJson(const BenchReport &report, std::ostream &out);

} // namespace mpcrt::train

#endif
