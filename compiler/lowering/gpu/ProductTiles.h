// Products on tensor cores that a tile can be chosen for, and how tables and
// pass options write them.
#ifndef MPC_COMPILER_LOWERING_GPU_PRODUCTTILES_H
#define MPC_COMPILER_LOWERING_GPU_PRODUCTTILES_H

#include "compiler/analysis/Target.h"
#include "compiler/dialect/Dialect.h"
#include "compiler/lowering/emit/gpu/WgmmaTiles.h"
#include <compare>
#include <optional>

namespace mpc {

/// So many products of [m, k] and [k, n] of one element type.
struct ProductShape {
  int64_t batches = 1, m = 0, n = 0, k = 0;
  /// Whether memory has the operands as [k, m] and [n, k].
  bool transA = false, transB = false;
  std::string type; ///< f16 or bf16

  auto operator<=>(const ProductShape &) const = default;
  /// `1x512x1024x784:NT:f16`: batches, m, n, k, the letters of BLAS, the type.
  std::string text() const;
  static std::optional<ProductShape> parse(llvm::StringRef text);
};

/// What the kernel multiplies, if wgmma does.
std::optional<ProductShape> tiledProduct(KernelOp kernel, Target target);

/// `192x256x3x1x1`: rows, columns, stages, blocks that share columns, parts.
std::string tileText(const WgmmaTile &tile);
/// Nothing if the text is none. What it says may not be possible.
std::optional<WgmmaTile> parseTile(llvm::StringRef text);

/// The attribute of a kernel that `mpc-choose-tiles` sets.
inline constexpr llvm::StringLiteral tileAttrName = "mpc.tile";

} // namespace mpc

#endif
