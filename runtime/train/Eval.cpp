// The verb eval.
#include "runtime/train/Evaluate.h"
#include "runtime/train/Metrics.h"
#include "runtime/train/Verbs.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace mpcrt::train {
namespace {

/// Collects the real rows of an output over all batches.
struct Collected {
  std::vector<std::byte> bytes;
  std::vector<int64_t> shape;
  int64_t rowsPerSample = 0;
  size_t rowBytes = 0;
};

class Evaluation {
public:
  Evaluation(const EvalOptions &options, std::ostream &out, std::ostream &err)
      : options(options), out(out), err(err) {}

  Status run();

private:
  Status prepare();
  Status loadData();
  Status layOutOutputs();
  void collect(const void *const *outputs, int64_t samples);
  Status writeOutputs() const;
  void print() const;

  const EvalOptions &options;
  std::ostream &out, &err;
  Program program;
  Dataset data;
  Metrics metrics;
  bool measured = false;
  std::vector<Collected> collected;
};

Status Evaluation::loadData() {
  DataFiles files;
  files.npz = options.data;
  for (const std::string &input : options.inputs) {
    std::string name, path;
    if (!splitSetting(input, name, path))
      return failure(MPCRT_USAGE, "--input ", input,
                     " is not NAME=F.npy; e.g. --input x=images.npy");
    files.arrays.emplace_back(name, path);
  }
  if (files.empty() && !program.inputs().empty())
    return failure(MPCRT_USAGE,
                   "no data given; pass --data F.npz or --input NAME=F.npy");
  DataOptions settings;
  settings.labelName = options.labelName;
  settings.labelsRequired = false;
  settings.wholeBatch = true;
  settings.allowNonfinite = options.allowNonfinite;
  settings.note = [this](const std::string &note) {
    err << "note: " << note << std::endl;
  };
  Status status = data.load(files, program, settings);
  if (status.ok() && data.samples() == 0)
    return failure(MPCRT_INVALID_DATA, "the data has no samples");
  return status;
}

Status Evaluation::prepare() {
  if (!options.output.empty()) {
    Status status = checkOutput(options.output,
                                {options.artifact, options.data, options.init});
    if (!status.ok())
      return status;
  }
  Status status = openProgram(options, program);
  if (status.ok() && !options.init.empty())
    status =
        program.check(mpcrt_load_weights(program.get(), options.init.c_str()));
  if (status.ok())
    status = loadData();
  if (status.ok() && !options.output.empty())
    status = layOutOutputs();
  if (!status.ok() || !data.hasLabels())
    return status;
  Status known = metrics.create(program);
  measured = known.ok();
  if (!measured)
    err << "note: no metrics: " << known.message << std::endl;
  return {};
}

Status Evaluation::layOutOutputs() {
  for (const TensorSpec &spec : program.outputs()) {
    std::vector<int64_t> sample;
    if (data.isWhole()) {
      collected.push_back({{}, spec.shape, 0, spec.bytes});
      continue;
    }
    if (!sampleShape(spec, program.batch(), sample))
      return failure(MPCRT_USAGE, "output '", spec.name, "' of shape ",
                     shapeText(spec.shape), " has no row per sample (batch ",
                     program.batch(), "), so --output cannot hold it");
    Collected &entry = collected.emplace_back();
    entry.shape = spec.shape;
    entry.rowsPerSample = spec.shape[0] / program.batch();
    entry.rowBytes = spec.bytes / size_t(spec.shape[0]);
    entry.shape[0] = data.samples() * entry.rowsPerSample;
    entry.bytes.reserve(size_t(entry.shape[0]) * entry.rowBytes);
  }
  return {};
}

void Evaluation::collect(const void *const *outputs, int64_t samples) {
  for (size_t i = 0; i < collected.size(); ++i) {
    Collected &entry = collected[i];
    const std::byte *from = static_cast<const std::byte *>(outputs[i]);
    size_t rows = data.isWhole() ? 1 : size_t(samples * entry.rowsPerSample);
    entry.bytes.insert(entry.bytes.end(), from, from + rows * entry.rowBytes);
  }
}

Status Evaluation::writeOutputs() const {
  std::vector<Array> arrays;
  std::vector<NamedArray> named;
  arrays.reserve(collected.size());
  for (size_t i = 0; i < collected.size(); ++i) {
    const TensorSpec &spec = program.outputs()[i];
    arrays.push_back(
        toArray(spec.dtype, collected[i].shape, collected[i].bytes));
    named.push_back({spec.name, &arrays.back()});
  }
  return writeNpz(options.output, named);
}

void Evaluation::print() const {
  bool accuracy = measured && metrics.hasAccuracy();
  if (options.json) {
    nlohmann::ordered_json report = {{"artifact", options.artifact},
                                     {"samples", data.samples()},
                                     {"loss_kind", program.training().loss},
                                     {"labels", nullptr},
                                     {"loss", nullptr},
                                     {"accuracy", nullptr}};
    if (measured) {
      report["labels"] = metrics.count();
      report["loss"] = metrics.loss();
    }
    if (accuracy)
      report["accuracy"] = metrics.accuracy();
    using Json = nlohmann::ordered_json;
    out << report.dump(2, ' ', false, Json::error_handler_t::replace)
        << std::endl;
    return;
  }
  out << "samples " << data.samples();
  char number[64];
  if (measured) {
    std::snprintf(number, sizeof(number), " loss %.6g", metrics.loss());
    out << number;
  }
  if (accuracy) {
    std::snprintf(number, sizeof(number), " accuracy %.4f", metrics.accuracy());
    out << number;
  }
  out << std::endl;
}

Status Evaluation::run() {
  Status status = prepare();
  if (status.ok())
    status = evaluate(program, data,
                      [this](const void *const *outputs, int64_t samples) {
                        collect(outputs, samples);
                        if (measured)
                          metrics.add(outputs, data.labels(), samples);
                        return true;
                      });
  if (status.ok() && !options.output.empty())
    status = writeOutputs();
  if (status.ok())
    print();
  return status;
}

} // namespace

int runEval(const EvalOptions &options, std::ostream &out, std::ostream &err) {
  return report(err, [&] { return Evaluation(options, out, err).run(); });
}

} // namespace mpcrt::train
