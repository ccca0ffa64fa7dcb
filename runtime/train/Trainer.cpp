#include "runtime/train/Trainer.h"
#include "runtime/train/Diagnosis.h"

#include <cmath>
#include <cstdio>

namespace mpcrt::train {

std::optional<double> EpochTotals::meanLoss() const {
  int64_t applied = steps - skipped;
  return applied > 0 ? std::optional(lossSum / double(applied)) : std::nullopt;
}

Trainer::Trainer(const TrainOptions &options, std::ostream &out,
                 std::ostream &err)
    : options(options), out(out), err(err), progress(err, options.progress) {}

int Trainer::signalCode() const {
  return signals.received() ? 128 + signals.received() : 0;
}

void Trainer::warn(const std::string &message) {
  progress.clear();
  err << "warning: " << message << std::endl;
}

/// A batch that teaches nothing is legal, but seldom meant.
void Trainer::noticeIgnoredLabels(std::span<const int64_t> samples) {
  const std::optional<LabelSpec> &label = program.label();
  if (toldOfIgnoredLabels || !label || !data.allLabelsIgnored(*label, samples))
    return;
  toldOfIgnoredLabels = true;
  warn(text("all labels of step ",
            loop.attempted_steps + int64_t(unfinished.size()) + 1, " are ",
            label->ignoreIndex,
            ", which is ignored: its loss is 0 and "
            "nothing is learned from it; later steps like it are not "
            "reported, check '",
            options.data, "'"));
}

/// Whether what follows a step must see the state that it leaves.
bool Trainer::pausesAfter(const StartedStep &step) const {
  const int64_t number = loop.attempted_steps + int64_t(unfinished.size());
  return options.digest ||
         (options.saveEvery && number % *options.saveEvery == 0) ||
         (!options.val.empty() && step.next.epoch > step.first.epoch);
}

bool Trainer::mayStart() const {
  const size_t most = program.isOnGpu() ? MPCRT_MAX_UNFINISHED : 1;
  if (unfinished.size() == most || signals.received() ||
      loop.attempted_steps + int64_t(unfinished.size()) >= target)
    return false;
  return unfinished.empty() ||
         (!signals.wantsSave() && !pausesAfter(unfinished.back()));
}

Status Trainer::startStep() {
  StartedStep step;
  step.first = stream->position();
  std::span<const int64_t> samples = stream->next();
  step.samples.assign(samples.begin(), samples.end());
  step.next = stream->position();
  noticeIgnoredLabels(samples);
  mpcrt_code code =
      mpcrt_step_samples_async(program.get(), data.allInputs(),
                               data.allLabels(), samples.data(), nullptr);
  unfinished.push_back(std::move(step));
  return program.check(
      code, text("step ", loop.attempted_steps + int64_t(unfinished.size())));
}

/// Waits for the oldest step and counts it.
Status Trainer::finishStep(mpcrt_status &status) {
  mpcrt_code code = mpcrt_wait(program.get(), &status);
  if (code != MPCRT_OK)
    return program.check(code, text("step ", loop.attempted_steps + 1));
  ++loop.attempted_steps;
  loop.position = unfinished.front().next.position;
  loop.consecutive_skips = status.applied ? 0 : loop.consecutive_skips + 1;
  ++totals.steps;
  if (status.applied)
    totals.lossSum += double(status.loss);
  else
    ++totals.skipped;
  return logStep(status);
}

/// Stops a run that has no future: N steps in a row were skipped, or were
/// applied with a loss that is not finite.
Status Trainer::judge(const mpcrt_status &status, const StartedStep &step) {
  bool bad = status.applied && !std::isfinite(status.loss);
  badLosses = bad ? badLosses + 1 : 0;
  if (loop.consecutive_skips < options.maxSkips && badLosses < options.maxSkips)
    return {};
  std::string kept = savedStep < 0
                         ? ""
                         : text("; the last checkpoint is '",
                                checkpoints.pathOf(savedStep).string(), "'");
  data.gather(step.samples);
  if (badLosses > 0)
    return failure(MPCRT_NUMERICS, "diverged: the loss was not finite in ",
                   badLosses, " steps in a row, up to step ",
                   loop.attempted_steps, "; ", firstNonfinite(program, data),
                   kept);
  return failure(MPCRT_NUMERICS, loop.consecutive_skips,
                 " steps in a row were skipped, up to step ",
                 loop.attempted_steps, ": gradients are not finite (",
                 status.nonfinite_count, " elements at loss scale ",
                 status.loss_scale, "); ", firstNonfinite(program, data), kept);
}

Status Trainer::logStep(const mpcrt_status &status) {
  if (!log.isOpen())
    return {};
  JsonLine line;
  line.add("event", "step")
      .add("step", loop.attempted_steps)
      .add("epoch", loop.epoch + 1)
      .add("loss", status.loss)
      .add("applied", bool(status.applied))
      .add("loss_scale", status.loss_scale)
      .add("grad_norm", status.grad_norm)
      .add("nonfinite_count", status.nonfinite_count)
      .add("lr", status.lr)
      .add("applied_steps", status.applied_steps)
      .add("skipped_steps", status.skipped_steps);
  if (options.digest) {
    char digest[33] = {};
    mpcrt_code code = mpcrt_digest(program.get(), digest);
    if (code != MPCRT_OK)
      return program.check(code);
    line.add("digest", static_cast<const char *>(digest));
  }
  if (Status written = log.write(line); !written.ok())
    warn(written.message);
  return {};
}

Status Trainer::validate(double &loss, double &accuracy) {
  metrics.clear();
  Status status = evaluate(program, valData,
                           [&](const void *const *outputs, int64_t samples) {
                             metrics.add(outputs, valData.labels(), samples);
                             return signals.received() == 0;
                           });
  loss = metrics.loss();
  accuracy = metrics.accuracy();
  return status;
}

/// Prints and logs the line of an epoch. One that is cut short by the end of
/// the run says so.
Status Trainer::finishEpoch(bool whole) {
  char number[64];
  auto format = [&](const char *pattern, double value) {
    std::snprintf(number, sizeof(number), pattern, value);
    return std::string(number);
  };
  std::optional<double> mean = totals.meanLoss();
  JsonLine line;
  line.add("event", "epoch")
      .add("epoch", loop.epoch + 1)
      .add("whole", whole)
      .add("loss", mean.value_or(NAN)); // null
  std::string shown =
      text("epoch ", loop.epoch + 1, " loss ",
           mean ? format("%.6g", *mean) : "none (no step applied)");
  if (!options.val.empty()) {
    double loss = 0, accuracy = 0;
    if (Status status = validate(loss, accuracy); !status.ok())
      return status;
    // A signal cut the validation short: its numbers would mislead.
    if (signals.received() == 0) {
      line.add("val_loss", loss);
      shown += " val_loss " + format("%.6g", loss);
      if (metrics.hasAccuracy()) {
        line.add("val_accuracy", accuracy);
        shown += " val_accuracy " + format("%.4f", accuracy);
      }
    }
  }
  line.add("steps", totals.steps).add("skipped", totals.skipped);
  progress.clear();
  out << shown << " steps " << totals.steps << " skipped " << totals.skipped
      << (whole ? "" : " unfinished") << std::endl;
  totals = {};
  if (Status written = log.write(line); !written.ok())
    warn(written.message);
  return {};
}

void Trainer::saveOrWarn() {
  Status status = checkpoints.save(program, loop);
  if (status.ok())
    savedStep = loop.attempted_steps;
  else
    warn(text("no checkpoint of step ", loop.attempted_steps, ": ",
              status.message, "; the run goes on"));
}

/// SIGUSR1, which schedulers send before they end a job.
void Trainer::saveOnRequest() {
  if (!signals.takeSaveRequest())
    return;
  if (!checkpoints.isOpen())
    return warn("SIGUSR1 asks for a checkpoint, but there is no folder for it; "
                "start the run with --checkpoint DIR");
  saveOrWarn();
  if (savedStep != loop.attempted_steps)
    return;
  progress.clear();
  err << "note: saved '" << checkpoints.pathOf(savedStep).string()
      << "' on SIGUSR1; the run goes on" << std::endl;
}

Status Trainer::afterStep(const StartedStep &step, const mpcrt_status &status) {
  progress.update({loop.attempted_steps, target, loop.epoch + 1, status.loss});
  if (Status fine = judge(status, step); !fine.ok()) {
    progress.clear();
    return fine;
  }
  if (step.next.epoch > loop.epoch) {
    if (Status done = finishEpoch(true); !done.ok())
      return done;
    loop.epoch = step.next.epoch;
  }
  // The state is that of this step only if no other one was started.
  if (!unfinished.empty())
    return {};
  saveOnRequest();
  if (options.saveEvery && loop.attempted_steps % *options.saveEvery == 0)
    saveOrWarn();
  return {};
}

Status Trainer::run() {
  while (mayStart() || !unfinished.empty()) {
    if (mayStart()) {
      if (Status started = startStep(); !started.ok())
        return started;
      continue;
    }
    mpcrt_status status = {};
    if (Status done = finishStep(status); !done.ok())
      return done;
    const StartedStep step = std::move(unfinished.front());
    unfinished.pop_front();
    if (Status done = afterStep(step, status); !done.ok())
      return done;
  }
  return finish();
}

Status Trainer::finish() {
  progress.clear();
  if (totals.steps > 0)
    if (Status status = finishEpoch(false); !status.ok())
      return status;
  if (checkpoints.isOpen() && savedStep != loop.attempted_steps) {
    Status status = checkpoints.save(program, loop);
    if (!status.ok())
      return failure(MPCRT_FILE, "no checkpoint of the last step, ",
                     loop.attempted_steps, ": ", status.message);
    savedStep = loop.attempted_steps;
  }
  if (int number = signals.received()) {
    err << "note: stopped by signal " << number << " after step "
        << loop.attempted_steps;
    if (checkpoints.isOpen())
      err << "; go on from '" << checkpoints.pathOf(savedStep).string()
          << "' with --resume";
    err << std::endl;
  }
  return {};
}

int runTrain(const TrainOptions &options, std::ostream &out,
             std::ostream &err) {
  int signalCode = 0;
  int code = report(err, [&] {
    Trainer trainer(options, out, err);
    Status status = trainer.prepare();
    if (status.ok())
      status = trainer.run();
    signalCode = trainer.signalCode();
    return status;
  });
  return code != 0 ? code : signalCode;
}

} // namespace mpcrt::train
