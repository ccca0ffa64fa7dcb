// Which ops and slots of a step may be narrow: a preset, a file and options.
#ifndef MPC_COMPILER_ANALYSIS_POLICY_H
#define MPC_COMPILER_ANALYSIS_POLICY_H

#include "compiler/analysis/PolicyLists.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <nlohmann/json.hpp>
#include <vector>

namespace mpc {

/// An operand slot or a result, by number.
struct PolicySlot {
  bool isResult = false;
  unsigned index = 0;
  bool operator==(const PolicySlot &) const = default;
};

/// What a rule may speak of: one op of the step.
struct PolicyQuery {
  std::string opType;
  std::vector<std::string> nodes;
  bool backward = false;
  /// The op's own attributes as a JSON object.
  nlohmann::json attributes = nlohmann::json::object();
};

/// One rule of a file or an option. Criteria that are absent hold for all.
struct PolicyRule {
  PolicyClass policyClass = PolicyClass::Deny;
  std::string op;
  std::string node; ///< a glob over node names
  std::optional<bool> backward;
  std::string tensor; ///< a model input, parameter or constant
  std::optional<PolicySlot> slot;
  nlohmann::json attributes = nlohmann::json::object();
  std::string reason;
  std::string origin;
  /// 0 for a file's rules, 1 for options.
  int layer = 0;
  mutable bool matched = false;

  /// Rules with a tensor or a slot speak of slots, the others of ops.
  bool isForSlots() const { return slot || !tensor.empty(); }
};

/// Reads an option's text, OP or NODEGLOB, each with `.forward` or `.backward`
/// or without: an op type that the lists know is one, anything else is a glob
/// over node names; `*` is every op.
llvm::Expected<PolicyRule> parseRuleOption(PolicyClass policyClass,
                                           llvm::StringRef text);

/// Reads a policy file (docs/numerics.md has the format) whose text is `text`.
/// `preset` is set if the file names one.
llvm::Expected<std::vector<PolicyRule>>
parsePolicyFile(llvm::StringRef text, llvm::StringRef fileName,
                PolicyPreset &preset);

/// The rules of one compilation for one narrow format.
class Policy {
public:
  /// `presetOrFile` is a preset's name or a path ending in .json. Each of
  /// `options` is CLASS=TEXT, in the order of the command line.
  static llvm::Expected<Policy> create(NarrowFormat format,
                                       llvm::StringRef presetOrFile,
                                       llvm::ArrayRef<std::string> options);

  Policy(NarrowFormat format, PolicyPreset preset,
         std::vector<PolicyRule> rules)
      : format(format), preset(preset), rules(std::move(rules)) {}

  NarrowFormat getFormat() const { return format; }

  /// The class of an op. Options beat the file, which beats the preset; of one
  /// source the more specific rule wins, of equally specific ones the later.
  /// Fails if two rules disagree and neither is more specific.
  llvm::Expected<Ruling> classify(const PolicyQuery &query) const;

  /// What rules say of one slot (allow or deny), or nothing. `tensor` is the
  /// name of the input, parameter or constant that the slot reads, or empty.
  llvm::Expected<std::optional<Ruling>>
  classifySlot(const PolicyQuery &query, PolicySlot slot,
               llvm::StringRef tensor) const;

  /// A sentence per rule that no query has matched so far.
  std::vector<std::string> unmatchedRules() const;

private:
  llvm::Expected<const PolicyRule *>
  winner(llvm::ArrayRef<const PolicyRule *> matching,
         const PolicyQuery &query) const;

  NarrowFormat format;
  PolicyPreset preset;
  std::vector<PolicyRule> rules;
};

/// What is said of a rule that nothing has matched.
std::string unmatchedRule(const std::string &origin);

} // namespace mpc

#endif
