#include "test/onnx/Page.h"

#include <map>
#include <regex>
#include <sstream>

namespace mpc::test {
namespace {

std::string suiteOf(const std::string &name) {
  return name.substr(0, name.find('/'));
}

constexpr const char *passedHeading = "## Passed";

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
  std::string refused, passed;
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
      passed += "- " + outcome.name + "\n";
    else
      refused += "| " + outcome.name + " | " + std::to_string(outcome.code) +
                 " | " + cell(outcome.reason) + " |\n";
  }
  std::string page =
      "# ONNX's own backend tests\n\n"
      "Written by `tools/dev/write-pages BUILD_DIR`; do not edit. What stands\n"
      "under Passed must pass: the test `onnx.backend` holds it. The cases\n"
      "are those of Debian's package `libonnx-testdata`. Each model is\n"
      "compiled in FP32 for the CPU and evaluated as `mpc eval` does; inputs\n"
      "that only say shapes are fixed to their values before compiling.\n"
      "Floats are compared as ONNX's own runner does (rtol 1e-3, atol 1e-7),\n"
      "integers and booleans exactly.\n\n"
      "| suite | cases | pass | exit code 3 | exit code 4 |\n"
      "|---|---|---|---|---|\n";
  suites["all"] = total;
  for (const auto &[suite, counts] : suites)
    page += "| " + suite + " | " + std::to_string(counts.all) + " | " +
            std::to_string(counts.passed) + " | " +
            std::to_string(counts.code3) + " | " +
            std::to_string(counts.code4) + " |\n";
  page += "\n## Refused\n\n| case | exit code | reason |\n|---|---|---|\n" +
          refused + "\n" + passedHeading + "\n\n" + passed;
  return page;
}

std::set<std::string> claimedPasses(const std::string &page) {
  std::set<std::string> names;
  std::istringstream lines(page);
  bool isPassed = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("## ", 0) == 0)
      isPassed = line == passedHeading;
    else if (isPassed && line.rfind("- ", 0) == 0)
      names.insert(line.substr(2));
  }
  return names;
}

std::string reasonWithoutNames(const std::string &reason) {
  static const std::regex node("^node '[^']*'(#[0-9]+)? (\\([^)]*\\))"),
      value("(input|output|tensor|reads) '[^']*'");
  std::string text = std::regex_replace(reason, node, "$2");
  return std::regex_replace(text, value, "$1 ...");
}

} // namespace mpc::test
