// Who computes an op: kernels that are generated, or a library.
#ifndef MPC_COMPILER_ANALYSIS_PROVIDERS_H
#define MPC_COMPILER_ANALYSIS_PROVIDERS_H

#include "compiler/dialect/Dialect.h"
#include "llvm/Support/Error.h"

namespace mpc {

inline constexpr llvm::StringLiteral generatedProvider = "generated";
inline constexpr llvm::StringLiteral cublasLtProvider = "cublaslt";

/// On an op before kernels are formed: the library that computes it. Ops
/// without it are generated.
inline constexpr llvm::StringLiteral providerAttrName = "provider";

/// Whether a library computes the op, which then has a kernel of its own.
bool isLibraryOp(mlir::Operation *op);

/// alpha * A' * B' + bias for each of a batch, row-major and dense, as a
/// library computes it: the result is rounded once.
struct LibraryProduct {
  mlir::Value a, b, bias; ///< bias: one row for all, or null
  int64_t batch = 1, m = 0, n = 0, k = 0;
  bool transA = false, transB = false;
  float alpha = 1;
};

/// Whether cuBLASLt has a function for ops of this kind.
bool isProduct(mlir::Operation *op);
/// The product that `op` is; nothing if it is none, or one of a form that the
/// library has not: operands of different types, a result that is neither of
/// their type nor f32, or an addend that is no row of the result's type.
std::optional<LibraryProduct> libraryProduct(mlir::Operation *op);

/// `--provider`, in the order of the command line; the last that fits counts.
class ProviderRules {
public:
  /// Each text is OP=PROVIDER or NODEGLOB=PROVIDER. The error names the rule,
  /// what was expected and what to do.
  static llvm::Expected<ProviderRules> parse(llvm::ArrayRef<std::string> texts);

  bool empty() const { return rules.empty(); }
  /// The provider that the rules want for `op`. Marks what has matched.
  llvm::StringRef of(mlir::Operation *op);
  /// A sentence for each rule that matched nothing.
  std::vector<std::string> unmatched() const;
  /// A sentence for each rule that gives a library ops of which it computes
  /// none.
  std::vector<std::string> unsuitable() const;

private:
  struct Rule {
    std::string origin, op, node, provider;
    bool matched = false, suits = false;
  };
  std::vector<Rule> rules;
};

} // namespace mpc

#endif
