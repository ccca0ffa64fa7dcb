// Everything that keeps a model from being compiled and trained, at once.
#ifndef MPC_COMPILER_PIPELINE_CHECK_H
#define MPC_COMPILER_PIPELINE_CHECK_H

#include "compiler/pipeline/Options.h"
#include "frontend/model/Problem.h"
#include "nlohmann/json.hpp"

namespace mpc {

struct CheckReport {
  int code = 0; ///< the exit code of the contract
  frontend::Problems problems;
  std::vector<std::string> warnings;
  std::vector<std::string> notes; ///< what import and simplify changed
};

/// Imports the model and compiles it up to the cast phase, where all types are
/// final. Problems are printed to stderr as they are found, each with a note
/// whether a gradient passes its node.
CheckReport checkModel(const CompileOptions &options);

/// What docs/schemas/check.schema.json describes.
nlohmann::json toJson(const CheckReport &report, const std::string &model);

} // namespace mpc

#endif
