// Runs ONNX's own backend cases. Every case must pass or be refused with exit
// code 3 or 4; wrong outputs, crashes, hangs and other exit codes fail, and so
// does a case that the page says passes. More passes than on the page are fine:
// the page is written anew now and then, not with every operator.
//
// usage: onnx_backend_test DATA [--page F.md] [--write F.md] [--only TEXT]
#include "test/onnx/Page.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

namespace fs = std::filesystem;
using mpc::test::Outcome;
using Kind = Outcome::Kind;

static std::vector<std::string> findCases(const std::string &data,
                                          const std::string &only) {
  std::vector<std::string> names;
  for (const char *suite :
       {"node", "simple", "pytorch-converted", "pytorch-operator"}) {
    std::error_code absent;
    for (const auto &entry :
         fs::directory_iterator(fs::path(data) / suite, absent)) {
      std::string name = suite + ("/" + entry.path().filename().string());
      bool isCase = fs::exists(entry.path() / "model.onnx");
      if (isCase && name.find(only) != std::string::npos)
        names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

static std::string readFile(const std::string &path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

static void printOutcomes(const std::vector<Outcome> &outcomes, bool all) {
  for (const Outcome &outcome : outcomes) {
    if (outcome.kind == Kind::Bad)
      std::cout << "BAD " << outcome.name << ": " << outcome.reason << "\n";
    else if (all && outcome.kind == Kind::Pass)
      std::cout << outcome.name << ": pass\n";
    else if (all)
      std::cout << outcome.name << ": " << outcome.code << " " << outcome.reason
                << "\n";
  }
}

// What stands in the way of most cases, most first.
static void printReasons(const std::vector<Outcome> &outcomes) {
  constexpr size_t mostReasons = 40;
  std::map<std::string, int> counts;
  for (const Outcome &outcome : outcomes)
    if (outcome.kind == Kind::Refused)
      ++counts[mpc::test::reasonWithoutNames(outcome.reason)];
  std::vector<std::pair<int, std::string>> sorted;
  for (const auto &[reason, count] : counts)
    sorted.emplace_back(-count, reason);
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size() && i < mostReasons; ++i)
    std::cout << -sorted[i].first << " " << sorted[i].second << "\n";
}

// Cases that the page claims and that do not pass, or no longer exist.
static int printBroken(const std::vector<Outcome> &outcomes,
                       std::set<std::string> claimed) {
  int broken = 0;
  for (const Outcome &outcome : outcomes)
    if (claimed.erase(outcome.name) && outcome.kind != Kind::Pass) {
      std::cout << "BROKEN " << outcome.name
                << " passes by the page, but: " << outcome.reason << "\n";
      ++broken;
    }
  for (const std::string &name : claimed)
    std::cout << "BROKEN " << name << " passes by the page, but is no case\n";
  return broken + static_cast<int>(claimed.size());
}

int main(int argc, char **argv) {
  std::string data, page, write, only;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    bool hasValue = argument.rfind("--", 0) == 0 && i + 1 < argc;
    std::string value = hasValue ? argv[++i] : "";
    if (argument == "--page")
      page = value;
    else if (argument == "--write")
      write = value;
    else if (argument == "--only")
      only = value;
    else
      data = argument;
  }
  std::vector<std::string> names = findCases(data, only);
  if (names.empty()) {
    std::cerr << "no cases below '" << data
              << "'; install the package libonnx-testdata\n";
    return 1;
  }
  std::vector<Outcome> outcomes = mpc::test::runCases(data, names);
  printOutcomes(outcomes, !only.empty());
  if (only.empty())
    printReasons(outcomes);
  auto count = [&](Kind kind) {
    return std::count_if(outcomes.begin(), outcomes.end(),
                         [&](const Outcome &o) { return o.kind == kind; });
  };
  std::cout << names.size() << " cases: " << count(Kind::Pass) << " pass, "
            << count(Kind::Refused) << " are refused, " << count(Kind::Bad)
            << " are bad\n";
  if (!write.empty())
    std::ofstream(write) << mpc::test::backendPage(outcomes);
  int broken = 0;
  if (!page.empty()) {
    std::set<std::string> claimed = mpc::test::claimedPasses(readFile(page));
    // A page without passes is no such page.
    broken = claimed.empty() ? 1 : printBroken(outcomes, claimed);
    auto news = count(Kind::Pass) - long(claimed.size()) + broken;
    if (news > 0)
      std::cout << news << " more pass than " << page
                << " says; write it anew with --write\n";
  }
  return count(Kind::Bad) > 0 || broken > 0 ? 1 : 0;
}
