#include "runtime/train/Trainer.h"
#include "runtime/train/Diagnosis.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace mpcrt::train {

double EpochTotals::meanLoss() const {
  int64_t applied = steps - skipped;
  return applied > 0 ? lossSum / double(applied)
                     : std::numeric_limits<double>::quiet_NaN();
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

Status Trainer::checkOptions() const {
  if (options.data.empty())
    return failure(MPCRT_USAGE, "no data given; pass --data F.npz");
  if (options.steps && options.epochs)
    return failure(MPCRT_USAGE, "--steps and --epochs exclude each other; "
                                "pass one of them");
  if (options.resume && options.checkpoint.empty())
    return failure(MPCRT_USAGE, "--resume needs --checkpoint DIR, the folder "
                                "of the run to go on with");
  if (options.saveEvery && options.checkpoint.empty())
    return failure(MPCRT_USAGE, "--save-every needs --checkpoint DIR");
  if (options.log.empty())
    return {};
  return checkOutput(
      options.log, {options.artifact, options.data, options.val, options.init});
}

Status Trainer::prepare() {
  Status status = checkOptions();
  if (status.ok())
    status = openProgram(options, program);
  if (status.ok())
    status = loadData();
  if (status.ok() && !options.checkpoint.empty())
    status = checkpoints.open(options.checkpoint, options.resume);
  if (status.ok() && checkpoints.isOpen())
    status = checkpoints.checkSpace(program.savedBytes());
  if (status.ok())
    status = setStart();
  if (status.ok())
    status = applySettings();
  if (status.ok() && !options.log.empty())
    status = log.open(options.log, options.resume);
  return status;
}

Status Trainer::loadData() {
  DataOptions settings;
  settings.labelName = options.labelName;
  settings.allowNonfinite = options.allowNonfinite;
  settings.note = [this](const std::string &note) {
    err << "note: " << note << std::endl;
  };
  Status status = data.load({options.data, {}}, program, settings);
  if (!status.ok())
    return status;
  if (data.samples() < program.batch())
    return failure(MPCRT_INVALID_DATA, "'", options.data, "' has ",
                   data.samples(), " samples, but a batch has ",
                   program.batch(),
                   "; add samples or compile with a smaller batch");
  if (options.val.empty())
    return {};
  status = metrics.create(program);
  if (!status.ok())
    return failure(status.code, "--val: ", status.message);
  status = valData.load({options.val, {}}, program, settings);
  if (status.ok() && valData.samples() == 0)
    return failure(MPCRT_INVALID_DATA, "'", options.val, "' has no samples");
  return status;
}

Status Trainer::setStart() {
  loop.shuffle_seed = program.training().seed;
  if (options.resume) {
    Status status = checkpoints.load(
        program, loop, [this](const std::string &line) { warn(line); });
    if (!status.ok())
      return status;
    savedStep = loop.attempted_steps;
    if (loop.position < 0 || loop.position >= data.samples() || loop.epoch < 0)
      return failure(MPCRT_INVALID_DATA, "the checkpoint stopped at sample ",
                     loop.position, " of an epoch, but '", options.data,
                     "' has ", data.samples(),
                     " samples; resume with the data of the run");
    if (options.seed && *options.seed != loop.shuffle_seed)
      warn(text("--seed ", *options.seed, " is not used: the run goes on with ",
                "seed ", loop.shuffle_seed));
  } else if (!options.init.empty()) {
    Status status =
        program.check(mpcrt_load_weights(program.get(), options.init.c_str()));
    if (!status.ok())
      return status;
  }
  std::optional<uint64_t> seed;
  if (!options.noShuffle)
    seed = loop.shuffle_seed;
  stream.emplace(data.samples(), program.batch(), seed,
                 StreamPosition{loop.epoch, loop.position});
  setTarget();
  return {};
}

void Trainer::setTarget() {
  target = options.steps.value_or(0);
  if (!options.steps)
    target = stepsForEpochs(options.epochs.value_or(1), data.samples(),
                            program.batch());
  if (options.resume && loop.attempted_steps >= target)
    warn(text("the run is already at step ", loop.attempted_steps, " of ",
              target,
              "; --steps and --epochs count from its start, raise "
              "them to go on"));
}

Status Trainer::applySettings() {
  for (const std::string &setting : options.settings) {
    std::string name, digits;
    double value = 0;
    bool ok = splitSetting(setting, name, digits);
    const char *end = digits.data() + digits.size();
    auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (!ok || error != std::errc() || stop != end)
      return failure(MPCRT_USAGE, "--set ", setting,
                     " is not NAME=NUMBER; e.g. --set lr=0.1");
    Status status =
        program.check(mpcrt_set_hyper(program.get(), name.c_str(), value),
                      text("--set ", setting));
    if (!status.ok())
      return status;
  }
  return {};
}

/// A batch that teaches nothing is legal, but seldom meant.
void Trainer::noticeIgnoredLabels() {
  const std::optional<LabelSpec> &label = program.label();
  if (toldOfIgnoredLabels || !label || !data.allLabelsIgnored(*label))
    return;
  toldOfIgnoredLabels = true;
  warn(text("all labels of step ", loop.attempted_steps + 1, " are ",
            label->ignoreIndex,
            ", which is ignored: its loss is 0 and "
            "nothing is learned from it; later steps like it are not "
            "reported, check '",
            options.data, "'"));
}

Status Trainer::step(mpcrt_status &status) {
  data.gather(stream->next());
  noticeIgnoredLabels();
  mpcrt_code code =
      mpcrt_step(program.get(), data.inputs(), data.labels(), &status);
  if (code != MPCRT_OK)
    return program.check(code, text("step ", loop.attempted_steps + 1));
  ++loop.attempted_steps;
  loop.position = stream->position().position;
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
Status Trainer::judge(const mpcrt_status &status) {
  bool bad = status.applied && !std::isfinite(status.loss);
  badLosses = bad ? badLosses + 1 : 0;
  if (loop.consecutive_skips < options.maxSkips && badLosses < options.maxSkips)
    return {};
  std::string kept = savedStep < 0
                         ? ""
                         : text("; the last checkpoint is '",
                                checkpoints.pathOf(savedStep).string(), "'");
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
  JsonLine line;
  line.add("event", "epoch")
      .add("epoch", loop.epoch + 1)
      .add("whole", whole)
      .add("loss", totals.meanLoss());
  std::string shown = text("epoch ", loop.epoch + 1, " loss ",
                           format("%.6g", totals.meanLoss()));
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

Status Trainer::run() {
  while (loop.attempted_steps < target && signals.received() == 0) {
    mpcrt_status status = {};
    if (Status done = step(status); !done.ok())
      return done;
    progress.update(
        {loop.attempted_steps, target, loop.epoch + 1, status.loss});
    if (Status fine = judge(status); !fine.ok()) {
      progress.clear();
      return fine;
    }
    if (int64_t next = stream->position().epoch; next > loop.epoch) {
      if (Status done = finishEpoch(true); !done.ok())
        return done;
      loop.epoch = next;
    }
    saveOnRequest();
    if (options.saveEvery && loop.attempted_steps % *options.saveEvery == 0)
      saveOrWarn();
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

int runTrain(const TrainOptions &given, std::ostream &out, std::ostream &err) {
  int signalCode = 0;
  int code = report(err, [&] {
    TrainOptions options = given;
    takeArtifactFrom(options.settings, options.artifact);
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
