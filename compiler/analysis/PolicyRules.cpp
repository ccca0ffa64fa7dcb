// Rules as text: the command line's and the policy file's.
#include "compiler/analysis/Policy.h"
#include "llvm/Support/GlobPattern.h"

using namespace mpc;
using llvm::StringRef;
using nlohmann::json;

static llvm::Error error(const llvm::Twine &text) {
  return llvm::createStringError(text);
}

static llvm::Error checkGlob(StringRef glob, StringRef where) {
  auto pattern = llvm::GlobPattern::create(glob);
  if (pattern)
    return llvm::Error::success();
  return error(where + ": '" + glob +
               "' is not a glob: " + llvm::toString(pattern.takeError()));
}

llvm::Expected<PolicyRule> mpc::parseRuleOption(PolicyClass policyClass,
                                                StringRef text) {
  PolicyRule rule;
  rule.policyClass = policyClass;
  rule.layer = 1;
  rule.origin = ("--" + policyClassName(policyClass) + " " + text).str();
  StringRef name = text;
  if (name.consume_back(".backward"))
    rule.backward = true;
  else if (name.consume_back(".forward"))
    rule.backward = false;
  if (name.empty())
    return error(rule.origin + ": expected an op type or a node glob");
  if (name == "*")
    return rule;
  if (isKnownOpType(name)) {
    rule.op = name.str();
    return rule;
  }
  if (auto bad = checkGlob(name, rule.origin))
    return bad;
  rule.node = name.str();
  return rule;
}

// "in:0" or "out:1".
static std::optional<PolicySlot> parseSlot(StringRef text) {
  PolicySlot slot;
  auto [kind, number] = text.split(':');
  slot.isResult = kind == "out";
  if ((kind != "in" && kind != "out") || number.getAsInteger(10, slot.index))
    return std::nullopt;
  return slot;
}

// Reads the value of one key into `rule`; the text says what was expected.
static std::string readKey(PolicyRule &rule, const std::string &key,
                           const json &value) {
  if (key == "attributes") {
    rule.attributes = value;
    return value.is_object() && !value.empty() ? "" : "a non-empty object";
  }
  if (!value.is_string())
    return "a string";
  auto text = value.get<std::string>();
  if (key == "class") {
    auto policyClass = parsePolicyClass(text);
    rule.policyClass = policyClass.value_or(PolicyClass::Deny);
    return policyClass ? "" : "allow, infer, clear or deny";
  }
  if (key == "direction") {
    rule.backward = text == "backward";
    return text == "forward" || *rule.backward ? "" : "forward or backward";
  }
  if (key == "slot") {
    rule.slot = parseSlot(text);
    return rule.slot ? "" : "in:NUMBER or out:NUMBER";
  }
  std::string *field = key == "op"       ? &rule.op
                       : key == "node"   ? &rule.node
                       : key == "tensor" ? &rule.tensor
                       : key == "reason" ? &rule.reason
                                         : nullptr;
  if (!field)
    return "class, op, node, direction, tensor, slot, attributes or reason as "
           "key";
  *field = text;
  return text.empty() ? "a non-empty string" : "";
}

static llvm::Expected<PolicyRule> parseRule(const json &object,
                                            const std::string &origin) {
  if (!object.is_object() || !object.contains("class"))
    return error(origin + ": expected an object with 'class'");
  PolicyRule rule;
  rule.origin = origin;
  for (const auto &[key, value] : object.items()) {
    std::string expected = readKey(rule, key, value);
    if (!expected.empty())
      return error(origin + ": '" + key + "' is " + value.dump() +
                   "; expected " + expected);
  }
  if (rule.node == "*")
    rule.node.clear();
  if (auto bad = checkGlob(rule.node, origin))
    return bad;
  if (rule.isForSlots() && rule.policyClass != PolicyClass::Allow &&
      rule.policyClass != PolicyClass::Deny)
    return error(origin + ": a rule for a slot or tensor has class " +
                 policyClassName(rule.policyClass) +
                 "; expected allow or deny");
  if (rule.slot && rule.slot->isResult && !rule.tensor.empty())
    return error(origin + ": has a tensor and a result slot; a tensor rule "
                          "speaks of the slots that read it");
  return rule;
}

llvm::Expected<std::vector<PolicyRule>>
mpc::parsePolicyFile(StringRef text, StringRef fileName, PolicyPreset &preset) {
  json file = json::parse(text.begin(), text.end(), /*cb=*/nullptr,
                          /*allow_exceptions=*/false);
  std::string name = fileName.str();
  if (!file.is_object())
    return error(name + ": not a JSON object");
  auto version = file.find("mpc_policy");
  if (version == file.end() || *version != 1)
    return error(name + ": expected \"mpc_policy\": 1");
  std::vector<PolicyRule> rules;
  for (const auto &[key, value] : file.items()) {
    if (key == "mpc_policy")
      continue;
    if (key == "base") {
      auto named = value.is_string()
                       ? parsePolicyPreset(value.get<std::string>())
                       : std::nullopt;
      if (!named)
        return error(name + ": base is " + value.dump() +
                     "; expected default, pytorch, tensorflow, none or all");
      preset = *named;
    } else if (key == "rules" && value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i) {
        auto rule =
            parseRule(value[i], name + " rule " + std::to_string(i + 1));
        if (!rule)
          return rule.takeError();
        rules.push_back(std::move(*rule));
      }
    } else {
      return error(name + ": unexpected '" + key +
                   "'; expected mpc_policy, base and rules (a list)");
    }
  }
  return rules;
}
