// Names of the module attributes that the plan phase leaves for emission.
#ifndef MPC_COMPILER_LOWERING_BUFFERS_H
#define MPC_COMPILER_LOWERING_BUFFERS_H

#include "llvm/ADT/StringRef.h"

namespace mpc {

/// An array of dictionaries with the fields of `buffers` in docs/artifact.md;
/// a constant has its `value` instead of a tensor's name.
inline constexpr llvm::StringLiteral bufferTableName = "mpc.buffers";
/// An i64.
inline constexpr llvm::StringLiteral arenaBytesName = "mpc.arena_bytes";

} // namespace mpc

#endif
