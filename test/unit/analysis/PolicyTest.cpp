#include "compiler/analysis/Policy.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace mpc;

namespace {

Policy makePolicy(std::vector<std::string> options,
                  llvm::StringRef preset = "default",
                  NarrowFormat format = NarrowFormat::Fp16) {
  auto policy = Policy::create(format, preset, options);
  if (!policy) {
    ADD_FAILURE() << llvm::toString(policy.takeError());
    return Policy(format, PolicyPreset::Default, {});
  }
  return std::move(*policy);
}

Policy fromFile(llvm::StringRef text) {
  PolicyPreset preset = PolicyPreset::Default;
  auto rules = parsePolicyFile(text, "p.json", preset);
  if (!rules) {
    ADD_FAILURE() << llvm::toString(rules.takeError());
    return Policy(NarrowFormat::Fp16, preset, {});
  }
  return Policy(NarrowFormat::Fp16, preset, std::move(*rules));
}

std::string fileError(llvm::StringRef text) {
  PolicyPreset preset = PolicyPreset::Default;
  auto rules = parsePolicyFile(text, "p.json", preset);
  return rules ? "" : llvm::toString(rules.takeError());
}

std::string optionError(std::vector<std::string> options,
                        llvm::StringRef preset = "default") {
  auto policy = Policy::create(NarrowFormat::Fp16, preset, options);
  return policy ? "" : llvm::toString(policy.takeError());
}

PolicyQuery op(std::string type, std::string node = "n", bool backward = false,
               nlohmann::json attributes = nlohmann::json::object()) {
  return {type, {node}, backward, attributes};
}

// "deny from --deny Gemm", or the error.
std::string classOf(const Policy &policy, const PolicyQuery &query) {
  auto ruling = policy.classify(query);
  if (!ruling)
    return llvm::toString(ruling.takeError());
  return (policyClassName(ruling->policyClass) + " from " + ruling->origin)
      .str();
}

std::string slotOf(const Policy &policy, const PolicyQuery &query,
                   PolicySlot slot, llvm::StringRef tensor = "") {
  auto ruling = policy.classifySlot(query, slot, tensor);
  if (!ruling)
    return llvm::toString(ruling.takeError());
  if (!*ruling)
    return "nothing";
  return policyClassName((*ruling)->policyClass).str();
}

TEST(PolicyLists, AreSortedAndGiveAReasonForEachEntry) {
  for (auto format : {NarrowFormat::Fp16, NarrowFormat::Bf16}) {
    auto list = defaultPolicyList(format);
    EXPECT_GE(list.size(), 150u);
    for (size_t i = 0; i < list.size(); ++i) {
      EXPECT_GE(list[i].reason.size(), 10u) << list[i].op.str();
      if (i)
        EXPECT_LT(list[i - 1].op, list[i].op);
    }
  }
}

TEST(PolicyLists, SumsAreDeniedInF16AndInferredInBf16) {
  EXPECT_EQ(presetRuling(PolicyPreset::Default, NarrowFormat::Fp16, "ReduceSum")
                .policyClass,
            PolicyClass::Deny);
  EXPECT_EQ(presetRuling(PolicyPreset::Default, NarrowFormat::Bf16, "ReduceSum")
                .policyClass,
            PolicyClass::Infer);
}

TEST(PolicyLists, UnknownOpTypesStayF32ExceptUnderAll) {
  for (auto preset : {PolicyPreset::Default, PolicyPreset::PyTorch,
                      PolicyPreset::TensorFlow, PolicyPreset::None})
    EXPECT_EQ(presetRuling(preset, NarrowFormat::Fp16, "Frob").policyClass,
              PolicyClass::Deny);
  EXPECT_EQ(
      presetRuling(PolicyPreset::All, NarrowFormat::Fp16, "Frob").policyClass,
      PolicyClass::Allow);
}

TEST(PolicyLists, PeersKeepWhatTheyDeny) {
  EXPECT_EQ(presetRuling(PolicyPreset::PyTorch, NarrowFormat::Fp16, "Softmax")
                .policyClass,
            PolicyClass::Deny);
  EXPECT_EQ(presetRuling(PolicyPreset::PyTorch, NarrowFormat::Fp16, "Relu")
                .policyClass,
            PolicyClass::Clear);
  EXPECT_EQ(
      presetRuling(PolicyPreset::TensorFlow, NarrowFormat::Fp16, "Softmax")
          .policyClass,
      PolicyClass::Infer);
  EXPECT_EQ(
      presetRuling(PolicyPreset::TensorFlow, NarrowFormat::Fp16, "ReduceSum")
          .policyClass,
      PolicyClass::Deny);
  EXPECT_EQ(
      presetRuling(PolicyPreset::TensorFlow, NarrowFormat::Bf16, "ReduceSum")
          .policyClass,
      PolicyClass::Infer);
}

TEST(PolicyRules, OptionsBeatTheFileWhichBeatsThePreset) {
  llvm::SmallString<64> path;
  int descriptor;
  ASSERT_FALSE(
      llvm::sys::fs::createTemporaryFile("policy", "json", descriptor, path));
  {
    llvm::raw_fd_ostream file(descriptor, /*shouldClose=*/true);
    file << R"({"mpc_policy": 1, "base": "none", "rules": [
      {"class": "allow", "node": "a"}, {"class": "infer", "op": "Conv"}]})";
  }
  Policy policy = makePolicy({"clear=Gemm"}, path);
  std::string file(path.str());
  EXPECT_EQ(classOf(policy, op("Gemm", "a")), "clear from --clear Gemm");
  EXPECT_EQ(classOf(policy, op("Conv", "b")), "infer from " + file + " rule 2");
  EXPECT_EQ(classOf(policy, op("MatMul", "a")),
            "allow from " + file + " rule 1");
  EXPECT_EQ(classOf(policy, op("MatMul", "b")), "deny from none 1");
  llvm::sys::fs::remove(path);
}

TEST(PolicyRules, TheMoreSpecificRuleWinsWhateverTheOrder) {
  for (auto &options :
       {std::vector<std::string>{"deny=*", "allow=Gemm", "clear=Gemm.backward"},
        {"clear=Gemm.backward", "allow=Gemm", "deny=*"}}) {
    Policy policy = makePolicy(options);
    EXPECT_EQ(classOf(policy, op("Relu")), "deny from --deny *");
    EXPECT_EQ(classOf(policy, op("Gemm")), "allow from --allow Gemm");
    EXPECT_EQ(classOf(policy, op("Gemm", "n", true)),
              "clear from --clear Gemm.backward");
  }
}

TEST(PolicyRules, ANodesNameIsMoreSpecificThanAnOpTypeOrAGlob) {
  Policy policy = makePolicy({"deny=/head/fc", "allow=Gemm", "clear=/head/*"});
  EXPECT_EQ(classOf(policy, op("Gemm", "/head/fc")),
            "deny from --deny /head/fc");
}

TEST(PolicyRules, OfEquallySpecificRulesTheLaterWins) {
  Policy policy = makePolicy({"deny=Gemm", "allow=Gemm"});
  EXPECT_EQ(classOf(policy, op("Gemm")), "allow from --allow Gemm");
}

TEST(PolicyRules, AnOverlapThatCannotBeOrderedIsAnError) {
  Policy policy = makePolicy({"deny=/head/*", "allow=Gemm"});
  EXPECT_EQ(classOf(policy, op("Gemm", "/head/fc")),
            "rules '--deny /head/*' (deny) and '--allow Gemm' (allow) both "
            "match node '/head/fc' (Gemm) and neither is more specific; add a "
            "rule that names both criteria");
  EXPECT_EQ(classOf(policy, op("Gemm", "/body/fc")), "allow from --allow Gemm");
}

TEST(PolicyRules, RulesThatAgreeNeedNoOrder) {
  Policy policy = makePolicy({"deny=/head/*", "deny=Gemm"});
  EXPECT_EQ(classOf(policy, op("Gemm", "/head/fc")), "deny from --deny Gemm");
}

TEST(PolicyRules, ABackwardOpTakesItsForwardOpsEntry) {
  Policy policy = makePolicy({"deny=Conv"});
  EXPECT_EQ(classOf(policy, op("Conv", "n", true)), "deny from --deny Conv");
  EXPECT_EQ(classOf(policy, op("Gemm", "n", true)),
            "allow from default 1 (f16)");
}

TEST(PolicyRules, AttributesAreComparedByValue) {
  Policy policy = fromFile(R"({"mpc_policy": 1, "rules": [
    {"class": "deny", "op": "Conv", "attributes": {"strides": [2, 2]}},
    {"class": "deny", "op": "Gemm", "attributes": {"alpha": 0.1}}]})");
  EXPECT_EQ(classOf(policy, op("Conv", "n", false, {{"strides", {2, 2}}})),
            "deny from p.json rule 1");
  EXPECT_EQ(classOf(policy, op("Conv", "n", false, {{"strides", {1, 1}}})),
            "allow from default 1 (f16)");
  EXPECT_EQ(classOf(policy, op("Gemm", "n", false, {{"alpha", 0.1f}})),
            "deny from p.json rule 2");
}

TEST(PolicyRules, SlotAndTensorRulesSpeakOfSlotsOnly) {
  Policy policy = fromFile(R"({"mpc_policy": 1, "rules": [
    {"class": "deny", "op": "Gemm", "slot": "in:2"},
    {"class": "allow", "op": "Softmax", "slot": "out:0"},
    {"class": "deny", "tensor": "fc.weight"}]})");
  EXPECT_EQ(classOf(policy, op("Gemm")), "allow from default 1 (f16)");
  EXPECT_EQ(slotOf(policy, op("Gemm"), {false, 2}), "deny");
  EXPECT_EQ(slotOf(policy, op("Gemm"), {false, 0}), "nothing");
  EXPECT_EQ(slotOf(policy, op("Softmax"), {true, 0}), "allow");
  EXPECT_EQ(slotOf(policy, op("MatMul"), {false, 1}, "fc.weight"), "deny");
  EXPECT_EQ(slotOf(policy, op("MatMul"), {false, 1}, "other"), "nothing");
}

TEST(PolicyRules, ARuleThatMatchesNothingIsReported) {
  Policy policy = makePolicy({"deny=Conv", "allow=fc*"});
  (void)classOf(policy, op("Gemm", "fc1"));
  auto sentences = policy.unmatchedRules();
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_EQ(sentences[0], "rule '--deny Conv' matches nothing; see 'mpc "
                          "explain' for the op types and nodes there are");
}

TEST(PolicyRules, RefusesWhatItCannotRead) {
  EXPECT_EQ(optionError({}, "fast"),
            "policy 'fast' is neither default, pytorch, tensorflow, none, all "
            "nor a file ending in .json");
  EXPECT_EQ(optionError({}, "/nowhere/p.json"),
            "policy file /nowhere/p.json: No such file or directory");
  EXPECT_EQ(optionError({"maybe=Gemm"}),
            "rule 'maybe=Gemm' is not CLASS=TEXT with class allow, infer, "
            "clear or deny");
  EXPECT_EQ(optionError({"deny=.backward"}),
            "--deny .backward: expected an op type or a node glob");
  EXPECT_NE(optionError({"deny=a[b"}).find("--deny a[b: 'a[b' is not a glob"),
            std::string::npos);
}

TEST(PolicyFile, RefusesWhatItCannotRead) {
  EXPECT_EQ(fileError("[1"), "p.json: not a JSON object");
  EXPECT_EQ(fileError(R"({"rules": []})"),
            "p.json: expected \"mpc_policy\": 1");
  EXPECT_EQ(fileError(R"({"mpc_policy": 1, "base": "fast"})"),
            "p.json: base is \"fast\"; expected default, pytorch, tensorflow, "
            "none or all");
  EXPECT_EQ(fileError(R"({"mpc_policy": 1, "rule": []})"),
            "p.json: unexpected 'rule'; expected mpc_policy, base and rules (a "
            "list)");
  auto ruleError = [](std::string rule) {
    return fileError(R"({"mpc_policy": 1, "rules": [)" + rule + "]}");
  };
  EXPECT_EQ(ruleError(R"({"op": "Gemm"})"),
            "p.json rule 1: expected an object with 'class'");
  EXPECT_EQ(ruleError(R"({"class": "narrow"})"),
            "p.json rule 1: 'class' is \"narrow\"; expected allow, infer, "
            "clear or deny");
  EXPECT_EQ(ruleError(R"({"class": "deny", "direction": "up"})"),
            "p.json rule 1: 'direction' is \"up\"; expected forward or "
            "backward");
  EXPECT_EQ(ruleError(R"({"class": "deny", "slot": "3"})"),
            "p.json rule 1: 'slot' is \"3\"; expected in:NUMBER or out:NUMBER");
  EXPECT_EQ(ruleError(R"({"class": "deny", "ops": "Gemm"})"),
            "p.json rule 1: 'ops' is \"Gemm\"; expected class, op, node, "
            "direction, tensor, slot, attributes or reason as key");
  EXPECT_EQ(ruleError(R"({"class": "clear", "slot": "in:0"})"),
            "p.json rule 1: a rule for a slot or tensor has class clear; "
            "expected allow or deny");
  EXPECT_EQ(ruleError(R"({"class": "deny", "slot": "out:0", "tensor": "w"})"),
            "p.json rule 1: has a tensor and a result slot; a tensor rule "
            "speaks of the slots that read it");
}

} // namespace
