// The training loop.
#ifndef MPCRT_TRAIN_TRAINER_H
#define MPCRT_TRAIN_TRAINER_H

#include "runtime/train/Checkpoints.h"
#include "runtime/train/Evaluate.h"
#include "runtime/train/LogFile.h"
#include "runtime/train/Metrics.h"
#include "runtime/train/Progress.h"
#include "runtime/train/Shuffle.h"
#include "runtime/train/Signals.h"
#include "runtime/train/Verbs.h"

#include <deque>
#include <optional>

namespace mpcrt::train {

/// What is known of an epoch so far. A step belongs to the epoch of its first
/// sample.
struct EpochTotals {
  int64_t steps = 0, skipped = 0;
  double lossSum = 0; ///< over applied steps

  /// Mean over applied steps, if there are any.
  std::optional<double> meanLoss() const;
};

/// A step that was started, and what is to be known when it ends.
struct StartedStep {
  std::vector<int64_t> samples;
  StreamPosition first, next; ///< the first sample's place, and of those behind
};

/// One run from its options to its end. On a GPU a step is started before the
/// status of the one before is looked at, so that the GPU never waits for the
/// host; unless something must see the state between the two.
class Trainer {
public:
  Trainer(const TrainOptions &options, std::ostream &out, std::ostream &err);

  /// Checks the options, opens everything and sets the start. Nothing is
  /// written but the checkpoint folder and the log.
  Status prepare();

  /// Trains until the steps are done or a signal comes, then saves.
  Status run();

  /// 128 + n after signal n, else 0.
  int signalCode() const;

private:
  // TrainerStart.cpp
  Status checkOptions() const;
  Status loadData();
  Status setStart();
  Status applySettings();
  void setTarget();
  void tellDevice();

  bool mayStart() const;
  bool pausesAfter(const StartedStep &step) const;
  Status startStep();
  Status finishStep(mpcrt_status &status);
  Status judge(const mpcrt_status &status, const StartedStep &step);
  Status logStep(const mpcrt_status &status);
  Status finishEpoch(bool whole);
  Status afterStep(const StartedStep &step, const mpcrt_status &status);
  Status validate(double &loss, double &accuracy);
  void saveOrWarn();
  void saveOnRequest();
  void noticeIgnoredLabels(std::span<const int64_t> samples);
  Status finish();
  void warn(const std::string &message);

  const TrainOptions &options;
  std::ostream &out, &err;
  SignalRequest signals;
  Program program;
  Dataset data, valData;
  Metrics metrics;
  Checkpoints checkpoints;
  LogFile log;
  Progress progress;
  std::optional<SampleStream> stream;
  std::deque<StartedStep> unfinished;
  mpcrt_loop loop = {};
  int64_t target = 0;     ///< attempted steps at which to stop
  int64_t savedStep = -1; ///< attempted steps of the newest checkpoint
  int64_t badLosses = 0;  ///< applied steps in a row without a finite loss
  EpochTotals totals;
  bool toldOfIgnoredLabels = false;
};

} // namespace mpcrt::train

#endif
