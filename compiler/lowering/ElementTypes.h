// Element types of tensors as artifacts name them.
#ifndef MPC_COMPILER_LOWERING_ELEMENTTYPES_H
#define MPC_COMPILER_LOWERING_ELEMENTTYPES_H

#include "mlir/IR/Types.h"
#include "runtime/artifact/DType.h"

#include <optional>

namespace mpc {

/// Nothing if artifacts have no such type.
std::optional<mpcrt::DType> artifactType(mlir::Type element);

} // namespace mpc

#endif
