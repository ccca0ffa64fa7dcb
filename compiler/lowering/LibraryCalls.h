// What a kernel with a provider says of itself in an artifact.
#ifndef MPC_COMPILER_LOWERING_LIBRARYCALLS_H
#define MPC_COMPILER_LOWERING_LIBRARYCALLS_H

#include "compiler/dialect/Dialect.h"
#include "runtime/artifact/LibraryCall.h"

namespace mpc {

/// The library's call for the kernel, of which the operands and the result are
/// arguments. Nothing if its provider does not compute it.
std::optional<mpcrt::LibraryCall> libraryCallOf(KernelOp kernel);

} // namespace mpc

#endif
