// Which device runs a program.
#ifndef MPC_RUNTIME_SRC_OPENEXECUTOR_H
#define MPC_RUNTIME_SRC_OPENEXECUTOR_H

#include "runtime/include/mpcrt/runtime.h"
#include "runtime/src/Executor.h"

namespace mpcrt {

/// Makes the executor of the device that the options name; see mpcrt_options.
/// The manifest and the container must outlive it. Code::Device, with what the
/// artifact is for, if none of its targets runs there.
Result<std::unique_ptr<Executor>> openExecutor(const Manifest &manifest,
                                               const Container &container,
                                               const mpcrt_options &options);

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_OPENEXECUTOR_H
