// What weights lose in their narrow copies.
#ifndef MPC_COMPILER_LOWERING_NARROWCOPIES_H
#define MPC_COMPILER_LOWERING_NARROWCOPIES_H

#include "compiler/lowering/Artifact.h"

namespace mpc {

/// Warns at the state of each weight with bytes of which finite elements become
/// 0 or infinite in its derived copy.
void warnAboutNarrowCopies(mlir::ModuleOp module, const Program &program);

} // namespace mpc

#endif
