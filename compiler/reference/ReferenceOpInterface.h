// The interface through which the interpreter asks an op for its meaning.
#ifndef MPC_COMPILER_REFERENCE_REFERENCEOPINTERFACE_H
#define MPC_COMPILER_REFERENCE_REFERENCEOPINTERFACE_H

#include "compiler/reference/Tensor.h"
#include "mlir/IR/OpDefinition.h"

#include "compiler/reference/ReferenceOpInterface.h.inc"

namespace mlir {
class DialectRegistry;
}

namespace mpc::reference {

/// Attaches the reference semantics of every op when the mpc dialect is loaded.
void registerModels(mlir::DialectRegistry &registry);

} // namespace mpc::reference

#endif
