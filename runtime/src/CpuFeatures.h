// Whether this CPU can run an artifact's code.
#ifndef MPC_RUNTIME_SRC_CPUFEATURES_H
#define MPC_RUNTIME_SRC_CPUFEATURES_H

#include "runtime/artifact/Manifest.h"

#include <string_view>

namespace mpcrt {

/// True if CPU and operating system support the feature, named as LLVM names
/// it ("avx2", "sse4.2"). False for names this runtime does not know.
bool cpuHas(std::string_view feature);

/// Code::Device with the missing features unless the CPU has all of
/// `target.features`.
Status checkCpu(const Target &target);

} // namespace mpcrt

#endif // MPC_RUNTIME_SRC_CPUFEATURES_H
