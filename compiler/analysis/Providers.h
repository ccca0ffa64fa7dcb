// Who computes an op: kernels that are generated, or a library.
#ifndef MPC_COMPILER_ANALYSIS_PROVIDERS_H
#define MPC_COMPILER_ANALYSIS_PROVIDERS_H

#include "compiler/dialect/Dialect.h"
#include "llvm/Support/Error.h"

namespace mpc {

inline constexpr llvm::StringLiteral generatedProvider = "generated";

/// On an op before kernels are formed: the library that computes it. Ops
/// without it are generated.
inline constexpr llvm::StringLiteral providerAttrName = "provider";

/// Whether a library computes the op, which then has a kernel of its own.
bool isLibraryOp(mlir::Operation *op);

/// Whether cuBLASLt computes `op`, a matrix product, and rounds it once. It has
/// no form for operands of different types, for a result that is neither of
/// their type nor f32, and for an addend that is no row of the result's type.
bool isLibraryProduct(mlir::Operation *op);

/// Whether cuDNN computes `op`, a convolution or one of its gradients, and
/// rounds it once. It has no form for several types, and none for padding that
/// differs from side to side.
bool isLibraryConvolution(mlir::Operation *op);

/// A library that rules may name.
struct Provider {
  llvm::StringLiteral name;
  llvm::StringLiteral computes; ///< what it computes here, in the singular
  llvm::StringLiteral ops;      ///< of ONNX, for messages
  llvm::StringLiteral form;     ///< what it takes of them, for messages
  bool (*isItsKind)(mlir::Operation *op);
  bool (*hasForm)(mlir::Operation *op); ///< so that it computes it
};
/// Null if there is none of that name.
const Provider *findProvider(llvm::StringRef name);

/// `--provider`, in the order of the command line; the last that fits counts.
class ProviderRules {
public:
  /// Each text is OP=PROVIDER or NODEGLOB=PROVIDER. The error names the rule,
  /// what was expected and what to do.
  static llvm::Expected<ProviderRules> parse(llvm::ArrayRef<std::string> texts);

  bool empty() const { return rules.empty(); }
  /// The library that the rules want for `op`; null if kernels shall compute
  /// it. Marks what has matched.
  const Provider *of(mlir::Operation *op);
  /// A sentence for each rule that matched nothing.
  std::vector<std::string> unmatched() const;
  /// A sentence for each rule that gives a library ops of which it computes
  /// none.
  std::vector<std::string> unsuitable() const;

private:
  struct Rule {
    std::string origin, op, node;
    const Provider *provider = nullptr; ///< null: generated
    bool matched = false, suits = false;
  };
  std::vector<Rule> rules;
};

} // namespace mpc

#endif
