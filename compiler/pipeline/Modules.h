// A program as linked modules in a folder, for those who launch its kernels
// themselves.
#ifndef MPC_COMPILER_PIPELINE_MODULES_H
#define MPC_COMPILER_PIPELINE_MODULES_H

#include "compiler/lowering/Artifact.h"
#include "compiler/pipeline/Options.h"

namespace mpc {

/// What can be said against `--emit` before anything is compiled: a target
/// without such a module, or a folder that cannot be written.
mpcrt::Status checkModules(const CompileOptions &options);

/// Writes to the folder `options.output`, which is made if it is not there: one
/// file per target, the constants and initial values if there are any, and then
/// plan.json (docs/artifact.md). Each file is whole or not there.
mpcrt::Status writeModules(const Program &program,
                           const CompileOptions &options);

} // namespace mpc

#endif
