#include "passes/autodiff/Passes.h"
#include "passes/autodiff/rules/Rules.h"

namespace mpc {
#define GEN_PASS_REGISTRATION
#include "passes/autodiff/Passes.h.inc"
} // namespace mpc

void mpc::registerAutodiffPasses() { registermpc_autodiffPasses(); }

void mpc::registerDerivatives(mlir::DialectRegistry &registry) {
  registry.addExtension(+[](mlir::MLIRContext *context, MpcDialect *) {
    rules::attachElementwise(*context);
    rules::attachUnary(*context);
    rules::attachBinary(*context);
    rules::attachShape(*context);
    rules::attachIndexing(*context);
    rules::attachLinearAlgebra(*context);
    rules::attachConvolution(*context);
    rules::attachPooling(*context);
    rules::attachReduction(*context);
    rules::attachSoftmax(*context);
    rules::attachNormalization(*context);
    rules::attachFrozenNormalization(*context);
    rules::attachLosses(*context);
    rules::attachRandom(*context);
  });
}
