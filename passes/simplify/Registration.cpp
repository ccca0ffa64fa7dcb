#include "passes/simplify/Passes.h"

namespace mpc {
#define GEN_PASS_REGISTRATION
#include "passes/simplify/Passes.h.inc"
} // namespace mpc

void mpc::registerSimplifyPasses() { registermpc_simplifyPasses(); }
