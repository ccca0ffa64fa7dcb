#include "test/onnx/Page.h"

#include <map>

namespace mpc::test {
namespace {

std::string suiteOf(const std::string &name) {
  return name.substr(0, name.find('/'));
}

// "abs" for "node/test_abs".
std::string shortName(const std::string &name) {
  std::string text = name.substr(name.find('/') + 1);
  return text.rfind("test_", 0) == 0 ? text.substr(5) : text;
}

struct Counts {
  int all = 0, passed = 0, code3 = 0, code4 = 0;
};

std::string cell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\|");
  return text;
}

} // namespace

std::string backendPage(const std::vector<Outcome> &outcomes) {
  std::map<std::string, Counts> suites;
  std::map<std::string, std::string> passed;
  std::string refused;
  Counts total;
  for (const Outcome &outcome : outcomes) {
    std::string suite = suiteOf(outcome.name);
    for (Counts *counts : {&suites[suite], &total}) {
      ++counts->all;
      counts->passed += outcome.kind == Outcome::Kind::Pass;
      counts->code3 += outcome.code == 3;
      counts->code4 += outcome.code == 4;
    }
    if (outcome.kind == Outcome::Kind::Pass)
      passed[suite] +=
          (passed[suite].empty() ? "" : ", ") + shortName(outcome.name);
    else
      refused += "| " + outcome.name + " | " + std::to_string(outcome.code) +
                 " | " + cell(outcome.reason) + " |\n";
  }
  std::string page =
      "# ONNX's own backend tests\n\n"
      "Written by `onnx_backend_test --write`, checked by the test\n"
      "`onnx.backend`; do not edit. The cases are those of Debian's package\n"
      "`libonnx-testdata`. Each model is compiled in FP32 for the CPU and\n"
      "evaluated as `mpc eval` does; inputs that only say shapes are fixed to\n"
      "their values before compiling. Floats are compared as ONNX's own "
      "runner\n"
      "does (rtol 1e-3, atol 1e-7), integers and booleans exactly.\n\n"
      "| suite | cases | pass | exit code 3 | exit code 4 |\n"
      "|---|---|---|---|---|\n";
  suites["all"] = total;
  for (const auto &[suite, counts] : suites)
    page += "| " + suite + " | " + std::to_string(counts.all) + " | " +
            std::to_string(counts.passed) + " | " +
            std::to_string(counts.code3) + " | " +
            std::to_string(counts.code4) + " |\n";
  page += "\n## Refused\n\n| case | exit code | reason |\n|---|---|---|\n" +
          refused + "\n## Passed\n";
  for (const auto &[suite, names] : passed)
    page += "\n**" + suite + "**: " + names + "\n";
  return page;
}

} // namespace mpc::test
