#include "passes/precision/Passes.h"

namespace mpc {
#define GEN_PASS_REGISTRATION
#include "passes/precision/Passes.h.inc"
} // namespace mpc

void mpc::registerPrecisionPasses() { registermpc_precisionPasses(); }
