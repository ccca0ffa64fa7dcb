// Runs ONNX's own backend cases. Every case must pass or be refused with exit
// code 3 or 4; wrong outputs, crashes, hangs and other exit codes fail.
//
// usage: onnx_backend_test DATA [--page F.md] [--write F.md] [--only TEXT]
//        [--floor N]
#include "test/onnx/Page.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace fs = std::filesystem;
using mpc::test::Outcome;

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

int main(int argc, char **argv) {
  std::string data, page, write, only;
  int floor = 0;
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
    else if (argument == "--floor")
      floor = std::atoi(value.c_str());
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
  int passed = 0, bad = 0;
  for (const Outcome &outcome : outcomes) {
    passed += outcome.kind == Outcome::Kind::Pass;
    if (outcome.kind == Outcome::Kind::Bad)
      std::cout << "BAD " << outcome.name << ": " << outcome.reason << "\n";
    if (outcome.kind == Outcome::Kind::Bad)
      ++bad;
    else if (!only.empty())
      std::cout << outcome.name << ": "
                << (outcome.code
                        ? std::to_string(outcome.code) + " " + outcome.reason
                        : std::string("pass"))
                << "\n";
  }
  std::cout << names.size() << " cases: " << passed << " pass, "
            << names.size() - size_t(passed + bad) << " are refused, " << bad
            << " are bad\n";
  if (!write.empty())
    std::ofstream(write) << mpc::test::backendPage(outcomes);
  bool fails = bad > 0 || passed < floor;
  if (passed < floor)
    std::cout << "at least " << floor << " must pass\n";
  if (!page.empty() && readFile(page) != mpc::test::backendPage(outcomes)) {
    std::cout << page << " is stale; run onnx_backend_test with --write\n";
    fails = true;
  }
  return fails ? 1 : 0;
}
