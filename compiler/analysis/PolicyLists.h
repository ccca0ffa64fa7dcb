// The classes of op types per narrow format, as data with a reason per entry.
#ifndef MPC_COMPILER_ANALYSIS_POLICYLISTS_H
#define MPC_COMPILER_ANALYSIS_POLICYLISTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace mpc {

/// What a policy says of an op: `allow` ops are narrow, `infer` ops if narrow
/// ops stand on both sides, `clear` ops if one stands beside them, `deny` ops
/// never.
enum class PolicyClass { Allow, Infer, Clear, Deny };

/// "allow", "infer", "clear" or "deny".
llvm::StringRef policyClassName(PolicyClass policyClass);
/// The class of that name, or nothing.
std::optional<PolicyClass> parsePolicyClass(llvm::StringRef name);

/// The 16-bit format of a step.
enum class NarrowFormat { Fp16, Bf16 };

/// What is decided when no rule is given.
enum class PolicyPreset {
  Default,    ///< our own list for the format
  PyTorch,    ///< autocast's lists; unlisted ops are clear
  TensorFlow, ///< grappler's lists; unlisted ops are deny
  None,       ///< every op is deny
  All         ///< every op is allow
};

std::optional<PolicyPreset> parsePolicyPreset(llvm::StringRef name);

/// One line of a list. `op` is an ONNX op type, or a name for what a training
/// step adds to a model: a loss (CrossEntropy, MSE, Loss), an optimizer (SGD,
/// Adam).
struct PolicyEntry {
  llvm::StringLiteral op;
  PolicyClass policyClass;
  llvm::StringLiteral reason;
};

/// The default list of a format, sorted by op type.
llvm::ArrayRef<PolicyEntry> defaultPolicyList(NarrowFormat format);

/// Whether a default list knows the op type.
bool isKnownOpType(llvm::StringRef op);

/// A class, why, and on whose word.
struct Ruling {
  PolicyClass policyClass;
  std::string reason;
  std::string origin;
};

/// What a preset says of an op type. Unknown op types are deny, unless the
/// preset is `all`.
Ruling presetRuling(PolicyPreset preset, NarrowFormat format,
                    llvm::StringRef op);

} // namespace mpc

#endif
