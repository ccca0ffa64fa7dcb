#include "passes/cast/Passes.h"

namespace mpc {
#define GEN_PASS_REGISTRATION
#include "passes/cast/Passes.h.inc"
} // namespace mpc

void mpc::registerCastPasses() { registermpc_castPasses(); }
