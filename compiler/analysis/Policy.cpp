#include "compiler/analysis/Policy.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mpc;
using llvm::StringRef;

static llvm::Error error(const llvm::Twine &text) {
  return llvm::createStringError(text);
}

llvm::Expected<Policy> Policy::create(NarrowFormat format,
                                      StringRef presetOrFile,
                                      llvm::ArrayRef<std::string> options) {
  std::vector<PolicyRule> rules;
  PolicyPreset preset = PolicyPreset::Default;
  if (auto named = parsePolicyPreset(presetOrFile)) {
    preset = *named;
  } else if (presetOrFile.ends_with(".json")) {
    auto buffer = llvm::MemoryBuffer::getFile(presetOrFile, /*IsText=*/true);
    if (!buffer)
      return error("policy file " + presetOrFile + ": " +
                   buffer.getError().message());
    auto read = parsePolicyFile((*buffer)->getBuffer(), presetOrFile, preset);
    if (!read)
      return read.takeError();
    rules = std::move(*read);
  } else {
    return error("policy '" + presetOrFile +
                 "' is neither default, pytorch, tensorflow, none, all nor a "
                 "file ending in .json");
  }
  for (StringRef option : options) {
    auto [className, text] = option.split('=');
    auto policyClass = parsePolicyClass(className);
    if (!policyClass || text.empty())
      return error("rule '" + option +
                   "' is not CLASS=TEXT with class allow, infer, clear or "
                   "deny");
    auto rule = parseRuleOption(*policyClass, text);
    if (!rule)
      return rule.takeError();
    rules.push_back(std::move(*rule));
  }
  return Policy(format, preset, std::move(rules));
}

//===-- Matching ----------------------------------------------------------===//

static bool globMatches(StringRef glob, StringRef name) {
  auto pattern = llvm::GlobPattern::create(glob);
  if (!pattern) {
    llvm::consumeError(pattern.takeError());
    return false;
  }
  return pattern->match(name);
}

// Numbers agree if they are the same f32, the type of an op's attributes.
static bool sameValue(const nlohmann::json &a, const nlohmann::json &b) {
  if (a.is_number() && b.is_number())
    return a.get<float>() == b.get<float>();
  return a == b;
}

static bool matches(const PolicyRule &rule, const PolicyQuery &query) {
  if (!rule.op.empty() && rule.op != query.opType)
    return false;
  if (rule.backward && *rule.backward != query.backward)
    return false;
  if (!rule.node.empty() &&
      llvm::none_of(query.nodes, [&](const std::string &node) {
        return globMatches(rule.node, node);
      }))
    return false;
  for (const auto &[key, value] : rule.attributes.items()) {
    auto found = query.attributes.find(key);
    if (found == query.attributes.end() || !sameValue(*found, value))
      return false;
  }
  return true;
}

static bool isExactName(StringRef node) {
  return node.find_first_of("*?[{\\") == StringRef::npos;
}

// How narrow a rule is, by criterion. An exact node name is narrower than an op
// type, because it means one node.
static llvm::SmallVector<unsigned, 6> specificity(const PolicyRule &rule) {
  bool exact = !rule.node.empty() && isExactName(rule.node);
  return {
      !rule.op.empty() || exact, rule.node.empty() ? 0u : (exact ? 2u : 1u),
      rule.backward.has_value(), !rule.tensor.empty(),
      rule.slot.has_value(),     static_cast<unsigned>(rule.attributes.size())};
}

// Whether `a` wins over `b`, which stands before it in the list if `later`.
static bool beats(const PolicyRule &a, const PolicyRule &b, bool later) {
  if (a.layer != b.layer)
    return a.layer > b.layer;
  auto left = specificity(a), right = specificity(b);
  if (left == right)
    return later;
  return llvm::all_of(llvm::zip(left, right), [](auto pair) {
    return std::get<0>(pair) >= std::get<1>(pair);
  });
}

llvm::Expected<const PolicyRule *>
Policy::winner(llvm::ArrayRef<const PolicyRule *> matching,
               const PolicyQuery &query) const {
  // What is beaten by nothing. The list is in order, so `>` means later.
  llvm::SmallVector<const PolicyRule *> best;
  for (const PolicyRule *rule : matching)
    if (llvm::none_of(matching, [&](const PolicyRule *other) {
          return other != rule && beats(*other, *rule, other > rule);
        }))
      best.push_back(rule);
  for (const PolicyRule *rule : best)
    if (rule->policyClass != best.front()->policyClass)
      return error("rules '" + best.front()->origin + "' (" +
                   policyClassName(best.front()->policyClass) + ") and '" +
                   rule->origin + "' (" + policyClassName(rule->policyClass) +
                   ") both match node '" +
                   (query.nodes.empty() ? std::string() : query.nodes.front()) +
                   "' (" + query.opType +
                   ") and neither is more specific; add a rule that names both "
                   "criteria");
  return best.empty() ? nullptr : best.back();
}

static Ruling asRuling(const PolicyRule &rule) {
  return {rule.policyClass,
          rule.reason.empty() ? "a rule says so" : rule.reason, rule.origin};
}

llvm::Expected<Ruling> Policy::classify(const PolicyQuery &query) const {
  llvm::SmallVector<const PolicyRule *> matching;
  for (const PolicyRule &rule : rules)
    if (!rule.isForSlots() && matches(rule, query)) {
      rule.matched = true;
      matching.push_back(&rule);
    }
  auto rule = winner(matching, query);
  if (!rule)
    return rule.takeError();
  return *rule ? asRuling(**rule) : presetRuling(preset, format, query.opType);
}

llvm::Expected<std::optional<Ruling>>
Policy::classifySlot(const PolicyQuery &query, PolicySlot slot,
                     StringRef tensor) const {
  llvm::SmallVector<const PolicyRule *> matching;
  for (const PolicyRule &rule : rules)
    if (rule.isForSlots() && (!rule.slot || *rule.slot == slot) &&
        (rule.tensor.empty() || rule.tensor == tensor) &&
        matches(rule, query)) {
      rule.matched = true;
      matching.push_back(&rule);
    }
  auto rule = winner(matching, query);
  if (!rule)
    return rule.takeError();
  if (!*rule)
    return std::nullopt;
  return asRuling(**rule);
}

std::string mpc::unmatchedRule(const std::string &origin) {
  return "rule '" + origin +
         "' matches nothing; see 'mpc explain' for the op types and nodes "
         "there are";
}

std::vector<std::string> Policy::unmatchedRules() const {
  std::vector<std::string> sentences;
  for (const PolicyRule &rule : rules)
    if (!rule.matched)
      sentences.push_back(unmatchedRule(rule.origin));
  return sentences;
}
