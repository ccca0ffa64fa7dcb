#include "passes/optimizer/Passes.h"

namespace mpc {
#define GEN_PASS_REGISTRATION
#include "passes/optimizer/Passes.h.inc"
} // namespace mpc

void mpc::registerOptimizerPasses() { registermpc_optimizerPasses(); }
