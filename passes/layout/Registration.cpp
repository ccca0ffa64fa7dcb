#include "passes/layout/Passes.h"

namespace mpc {
#define GEN_PASS_REGISTRATION
#include "passes/layout/Passes.h.inc"
} // namespace mpc

void mpc::registerLayoutPasses() { registermpc_layoutPasses(); }
