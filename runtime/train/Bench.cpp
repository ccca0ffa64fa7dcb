// The verb bench.
#include "runtime/train/Bench.h"
#include "runtime/train/Verbs.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>

namespace mpcrt::train {
namespace {

/// The batch that is trained on again and again: the first samples of a file,
/// or numbers that are made up.
class BenchBatch {
public:
  Status load(const BenchOptions &options, const Program &program,
              std::ostream &err) {
    if (options.data.empty())
      return makeUp(program);
    DataOptions settings;
    settings.labelName = options.labelName;
    settings.note = [&](const std::string &note) {
      err << "note: " << note << std::endl;
    };
    Status status = data.load({options.data, {}}, program, settings);
    if (!status.ok())
      return status;
    if (data.samples() < program.batch())
      return failure(MPCRT_INVALID_DATA, "'", options.data, "' has ",
                     data.samples(), " samples, but a batch has ",
                     program.batch(), "; add samples");
    first.resize(size_t(program.batch()));
    std::iota(first.begin(), first.end(), 0);
    data.gather(first);
    inputPointers = data.inputs();
    labelPointer = data.labels();
    return {};
  }

  const void *const *inputs() const { return inputPointers; }
  const void *label() const { return labelPointer; }

  /// As training does it: samples are picked from the data.
  mpcrt_code startStep(const Program &program) const {
    if (first.empty())
      return mpcrt_step_async(program.get(), inputs(), label(), nullptr);
    return mpcrt_step_samples_async(program.get(), data.allInputs(),
                                    data.allLabels(), first.data(), nullptr);
  }

private:
  Status makeUp(const Program &program) {
    // Indices: tables are seldom smaller, and clamp what lies outside.
    constexpr int64_t indices = 1000, bytes = 100;
    for (const TensorSpec &input : program.inputs())
      if (Status status =
              makeUp(input, dtypeBytes(input.dtype) > 1 ? indices : bytes);
          !status.ok())
        return status;
    if (const std::optional<LabelSpec> &label = program.label())
      if (Status status = makeUp(label->tensor, label->classes); !status.ok())
        return status;
    for (const std::vector<std::byte> &tensor : made)
      pointers.push_back(tensor.data());
    inputPointers = pointers.data();
    if (program.label())
      labelPointer = pointers.back();
    return {};
  }

  // Floats in [-1, 1), integers below `end`.
  Status makeUp(const TensorSpec &spec, int64_t end) {
    const bool isFloat = spec.dtype == MPCRT_F32 || spec.dtype == MPCRT_F16 ||
                         spec.dtype == MPCRT_BF16;
    Array array;
    array.element = isFloat                    ? Element::F4
                    : spec.dtype == MPCRT_BOOL ? Element::B1
                                               : Element::I8;
    array.shape = spec.shape;
    const size_t count = size_t(elementCount(spec.shape));
    array.bytes.resize(count * elementBytes(array.element));
    uint32_t state = 1;
    for (size_t i = 0; i < count; ++i) {
      state = state * 1664525 + 1013904223; // Numerical Recipes' generator
      const uint32_t high = state >> 8;
      if (isFloat)
        put(array, i, float(high) * 0x1p-23f - 1);
      else if (spec.dtype == MPCRT_BOOL)
        put(array, i, uint8_t(high & 1));
      else
        put(array, i, int64_t(high % uint64_t(std::max<int64_t>(end, 1))));
    }
    std::string note;
    return convertArray(array, spec.name, spec.dtype, {}, made.emplace_back(),
                        note);
  }

  template <typename T> static void put(Array &array, size_t index, T value) {
    std::memcpy(array.bytes.data() + index * sizeof value, &value,
                sizeof value);
  }

  Dataset data;
  std::vector<int64_t> first; ///< samples of the data
  std::vector<std::vector<std::byte>> made;
  std::vector<const void *> pointers;
  const void *const *inputPointers = nullptr;
  const void *labelPointer = nullptr;
};

Status runSteps(const Program &program, const BenchBatch &batch,
                int64_t count) {
  const int64_t ahead = program.isOnGpu() ? MPCRT_MAX_UNFINISHED : 1;
  mpcrt_code code = MPCRT_OK;
  mpcrt_status status = {};
  int64_t started = 0, finished = 0;
  while (finished < count && code == MPCRT_OK) {
    for (; started < count && started - finished < ahead && code == MPCRT_OK;
         ++started)
      code = batch.startStep(program);
    if (code == MPCRT_OK)
      code = mpcrt_wait(program.get(), &status);
    ++finished;
  }
  return program.check(code, text("step ", finished));
}

/// As training does them: the next one starts before the status of the one
/// before is looked at.
Status timeHost(const Program &program, const BenchBatch &batch,
                BenchReport &report) {
  constexpr int64_t warmUp = 3;
  Status status = runSteps(program, batch, warmUp);
  const auto start = std::chrono::steady_clock::now();
  if (status.ok())
    status = runSteps(program, batch, report.steps);
  const std::chrono::duration<double> taken =
      std::chrono::steady_clock::now() - start;
  report.hostStep = taken.count() / double(report.steps);
  return status;
}

Status timeLaunches(const Program &program, const BenchBatch &batch,
                    BenchReport &report) {
  mpcrt_code code = mpcrt_measure_ceilings(program.get(), &report.ceilings);
  report.launches.resize(size_t(mpcrt_launch_count(program.get())));
  std::vector<double> seconds(report.launches.size());
  if (code == MPCRT_OK)
    code = mpcrt_time_step(program.get(), batch.inputs(), batch.label(),
                           int(report.steps), seconds.data(), &report.step);
  for (size_t i = 0; i < seconds.size() && code == MPCRT_OK; ++i) {
    BenchLaunch &launch = report.launches[i];
    code = mpcrt_launch(program.get(), int(i), &launch.info);
    launch.seconds = seconds[i];
    setLeast(launch, report.ceilings);
  }
  return program.check(code);
}

Status bench(const BenchOptions &options, std::ostream &out,
             std::ostream &err) {
  Program program;
  Status status = openProgram(options, program);
  BenchBatch batch;
  if (status.ok())
    status = batch.load(options, program, err);
  if (!status.ok())
    return status;
  if (*program.device().passed_over)
    err << "note: runs on the cpu: " << program.device().passed_over
        << std::endl;
  if (*program.device().fallback)
    err << "warning: " << program.device().fallback << std::endl;
  BenchReport report;
  report.artifact = options.artifact;
  report.device = program.device();
  report.batch = program.batch();
  report.steps = options.steps;
  status = timeHost(program, batch, report);
  if (status.ok())
    status = timeLaunches(program, batch, report);
  if (!status.ok())
    return status;
  if (options.json)
    printBenchJson(report, out);
  else if (options.markdown)
    printBenchMarkdown(report, out);
  else
    printBench(report, out);
  out.flush();
  return {};
}

} // namespace

void setLeast(BenchLaunch &launch, const mpcrt_ceilings &ceilings) {
  const std::string_view type = launch.info.type;
  const double rate = type == "f16"    ? ceilings.f16
                      : type == "bf16" ? ceilings.bf16
                                       : ceilings.f32;
  const double bytes =
      double(launch.info.bytes_read) + double(launch.info.bytes_written);
  const double moving =
      ceilings.copy_bytes > 0 ? bytes / ceilings.copy_bytes : 0;
  const double computing = rate > 0 ? double(launch.info.flops) / rate : 0;
  launch.boundByFlops = computing > moving;
  launch.least = std::max(moving, computing);
}

double BenchReport::launchSeconds() const {
  double sum = 0;
  for (const BenchLaunch &launch : launches)
    sum += launch.seconds;
  return sum;
}

double BenchReport::leastSeconds() const {
  double sum = 0;
  for (const BenchLaunch &launch : launches)
    sum += launch.least;
  return sum;
}

int runBench(const BenchOptions &options, std::ostream &out,
             std::ostream &err) {
  return report(err, [&] { return bench(options, out, err); });
}

} // namespace mpcrt::train
