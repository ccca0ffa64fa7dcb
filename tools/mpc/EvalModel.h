// `mpc eval` of a model that has not been compiled.
#ifndef MPC_TOOLS_MPC_EVALMODEL_H
#define MPC_TOOLS_MPC_EVALMODEL_H

#include "runtime/train/Verbs.h"

namespace mpc {

/// runEval; a bare model (.onnx or .json) is first compiled in FP32 for this
/// machine's CPU. Returns the exit code.
int evalModelOrArtifact(const mpcrt::train::EvalOptions &options);

} // namespace mpc

#endif
