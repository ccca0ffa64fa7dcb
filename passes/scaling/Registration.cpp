#include "passes/scaling/Passes.h"

namespace mpc {
#define GEN_PASS_REGISTRATION
#include "passes/scaling/Passes.h.inc"
} // namespace mpc

void mpc::registerScalingPasses() { registermpc_scalingPasses(); }
