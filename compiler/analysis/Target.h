// What a module is compiled for, from the layout phase on.
#ifndef MPC_COMPILER_ANALYSIS_TARGET_H
#define MPC_COMPILER_ANALYSIS_TARGET_H

#include "mlir/IR/BuiltinOps.h"

namespace mpc {

/// A name of `--target`.
struct Target {
  enum class Kind {
    Cpu,
    Sm90a, ///< machine code for compute capability 9.0, with its own
           ///< instructions
    Sm80,  ///< machine code for compute capability 8.0 and up to 8.9
    Ptx,   ///< PTX for compute capability 8.0 and above
  };
  Kind kind = Kind::Cpu;

  bool isGpu() const { return kind != Kind::Cpu; }
  /// Whether wgmma, the tensor memory access units and their barriers are
  /// there.
  bool isHopper() const { return kind == Kind::Sm90a; }
  /// "cpu", "sm_90a", "sm_80" or "ptx": also the name of the nested module that
  /// the lower phase makes.
  llvm::StringRef name() const;
};

/// The target of that name, if there is one.
std::optional<Target> targetFromName(llvm::StringRef name);

/// The module attribute with the target's name.
inline constexpr llvm::StringLiteral targetAttrName = "mpc.target";

/// The target of the module around `op`: cpu where nothing is said.
Target targetOf(mlir::Operation *op);

} // namespace mpc

#endif
