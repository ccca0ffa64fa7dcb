// The verb info: what a program takes, gives and keeps.
#include "runtime/train/Verbs.h"

#include <nlohmann/json.hpp>

namespace mpcrt::train {
namespace {

using Json = nlohmann::ordered_json;

const char *roleName(mpcrt_role role) {
  static constexpr const char *names[] = {
      "parameter", "constant", "statistic", "moment", "step",  "hyper",
      "loop",      "derived",  "input",     "label",  "output"};
  return names[role];
}

std::vector<TensorSpec> allTensors(const Program &program) {
  std::vector<TensorSpec> all = program.inputs();
  if (program.label())
    all.push_back(program.label()->tensor);
  all.insert(all.end(), program.outputs().begin(), program.outputs().end());
  all.insert(all.end(), program.states().begin(), program.states().end());
  return all;
}

void printText(const Program &program, const std::string &digest,
               std::ostream &out) {
  const mpcrt_training_info &training = program.training();
  out << "precision " << training.precision << ", optimizer "
      << training.optimizer << ", loss " << training.loss << ", batch "
      << training.batch << ", seed " << training.seed
      << (training.scaled ? ", dynamic loss scale" : "") << '\n';
  size_t width = 0;
  for (const TensorSpec &spec : allTensors(program))
    width = std::max(width, spec.name.size());
  for (const TensorSpec &spec : allTensors(program)) {
    std::string role = roleName(spec.role);
    out << role << std::string(11 - role.size(), ' ') << spec.name
        << std::string(width + 2 - spec.name.size(), ' ')
        << dtypeName(spec.dtype) << ' ' << shapeText(spec.shape) << '\n';
  }
  if (!digest.empty())
    out << "digest " << digest << '\n';
}

void printJson(const Program &program, const std::string &artifact,
               const std::string &digest, std::ostream &out) {
  const mpcrt_training_info &training = program.training();
  Json report = {{"artifact", artifact},
                 {"precision", training.precision},
                 {"optimizer", training.optimizer},
                 {"loss", training.loss},
                 {"scaled", training.scaled != 0},
                 {"batch", training.batch},
                 {"seed", training.seed},
                 {"tensors", Json::array()}};
  for (const TensorSpec &spec : allTensors(program))
    report["tensors"].push_back({{"name", spec.name},
                                 {"role", roleName(spec.role)},
                                 {"dtype", dtypeName(spec.dtype)},
                                 {"shape", spec.shape},
                                 {"bytes", spec.bytes}});
  if (!digest.empty())
    report["digest"] = digest;
  out << report.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

Status printInfo(const InfoOptions &options, std::ostream &out) {
  Program program;
  Status status = openProgram(options, program);
  if (status.ok() && !options.init.empty())
    status =
        program.check(mpcrt_load_weights(program.get(), options.init.c_str()));
  char digest[33] = {};
  if (status.ok() && options.digest)
    status = program.check(mpcrt_digest(program.get(), digest));
  if (!status.ok())
    return status;
  if (options.json)
    printJson(program, options.artifact, digest, out);
  else
    printText(program, digest, out);
  out.flush();
  return {};
}

} // namespace

int runInfo(const InfoOptions &options, std::ostream &out, std::ostream &err) {
  return report(err, [&] { return printInfo(options, out); });
}

} // namespace mpcrt::train
