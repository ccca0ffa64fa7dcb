// The dialects, interface models and passes of the compiler, in one place.
#ifndef MPC_COMPILER_PIPELINE_REGISTRATION_H
#define MPC_COMPILER_PIPELINE_REGISTRATION_H

#include "mlir/IR/DialectRegistry.h"

namespace mpc {

/// Adds every dialect that a module may hold between import and emission, with
/// the external models of the compiler (derivatives, lowerings) attached.
void registerDialects(mlir::DialectRegistry &registry);

/// Makes every pass of every phase known by its flag.
void registerPasses();

} // namespace mpc

#endif
