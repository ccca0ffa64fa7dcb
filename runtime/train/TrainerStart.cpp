// How a run begins: options, data, the start from weights or a checkpoint.
#include "runtime/train/Trainer.h"

#include <charconv>

namespace mpcrt::train {

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
    tellDevice();
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

void Trainer::tellDevice() {
  const mpcrt_device_info &device = program.device();
  if (*device.fallback)
    warn(device.fallback);
  if (program.isOnGpu())
    err << "note: runs on GPU " << device.device << " (" << device.name
        << ") with the code for " << device.target << std::endl;
  else if (*device.passed_over)
    err << "note: runs on the cpu: " << device.passed_over << std::endl;
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

} // namespace mpcrt::train
