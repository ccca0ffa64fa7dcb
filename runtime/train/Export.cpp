// The verb export: weights as safetensors.
#include "runtime/train/Verbs.h"

namespace mpcrt::train {
namespace {

Status exportWeights(const ExportOptions &options, std::ostream &err) {
  if (options.output.ends_with(".onnx"))
    return failure(MPCRT_USAGE, "-o ", options.output,
                   ": ONNX models cannot be exported; expected a name that "
                   "ends in .safetensors");
  if (!options.output.ends_with(".safetensors"))
    return failure(MPCRT_USAGE, "-o '", options.output,
                   "': expected a name that ends in .safetensors");
  Status status =
      checkOutput(options.output, {options.checkpoint, options.artifact});
  Program program;
  if (status.ok())
    status = openProgram(options, program);
  if (!status.ok())
    return status;
  if (options.checkpoint.empty())
    err << "note: no --checkpoint given; exporting the initial weights"
        << std::endl;
  else
    status = program.check(
        mpcrt_load(program.get(), options.checkpoint.c_str(), nullptr));
  if (status.ok())
    status = program.check(
        mpcrt_save_weights(program.get(), options.output.c_str()));
  return status;
}

} // namespace

int runExport(const ExportOptions &options, std::ostream &, std::ostream &err) {
  return report(err, [&] { return exportWeights(options, err); });
}

} // namespace mpcrt::train
