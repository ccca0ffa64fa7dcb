// Writes docs/operators.md from the op table, the ops that models become and
// the policy's lists, and holds the page to what it says. A page that leaves
// out a new operator is fine: it is written anew now and then.
//
// usage: operators_page DATA EXAMPLES [--page F.md] [--write F.md]
#include "test/onnx/OperatorFacts.h"

#include <fstream>
#include <iostream>
#include <sstream>

using mpc::test::OperatorFacts;

namespace {

std::string joined(const std::set<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text +=
        (text.empty() ? "`" : ", `") + name.substr(name.find('.') + 1) + "`";
  return text;
}

std::string forwardCell(const OperatorFacts &fact) {
  return fact.forward.empty() ? "no op" : joined(fact.forward);
}

std::string gradientCell(const OperatorFacts &fact) {
  if (!fact.withoutDerivative.empty())
    return "no: " + joined(fact.withoutDerivative);
  return fact.passing.empty() ? "none needed" : "yes";
}

std::string cpuCell(const OperatorFacts &fact) {
  return fact.withoutCode.empty() ? "yes" : "no: " + joined(fact.withoutCode);
}

std::string rowOf(const std::string &op, const OperatorFacts &fact) {
  return "| " + op + " | " + forwardCell(fact) + " | " + gradientCell(fact) +
         " | " + cpuCell(fact) + " | " + fact.versions + " | " + fact.policy +
         " |";
}

const char *const heading = R"(# Operators

Written by `tools/dev/write-pages BUILD_DIR` from the code; do not edit. The test
`onnx.operators` holds what stands here.

- **forward**: the ops of the `mpc` dialect that a node becomes, over all of ONNX's
  own cases and the models in `test/onnx/examples`. What passes its operand on, and
  what only computes shapes while compiling, becomes no op.
- **gradient**: whether each of them has a derivative; each is compared with finite
  differences in `test/gradients`. Integers and truth values need none.
- **cpu**: whether the CPU has code for them and for what their derivatives become.
- **since**: the opset versions in which the operator changed; each form is read. A
  model of opset 1 to 6 is brought to opset 7 first (`docs/decisions/old-opsets.md`).
- **policy**: the class in the default list of fp16, and of bf16 where it differs
  (`docs/numerics.md`).

`docs/onnx.md` says what forms are refused.

| operator | forward | gradient | cpu | since | policy |
|---|---|---|---|---|---|
)";

std::string pageOf(const std::map<std::string, OperatorFacts> &facts) {
  std::string rows, others;
  for (const auto &[op, fact] : facts)
    if (fact.isImported && fact.isShown)
      rows += rowOf(op, fact) + "\n";
    else
      others += (others.empty() ? "" : ", ") + op;
  return heading + rows +
         "\n## Not imported\n\nThese end with exit code 4 and a reason, which "
         "`mpc check` prints.\n\n" +
         others + "\n";
}

std::vector<std::string> cellsOf(const std::string &line) {
  std::vector<std::string> cells;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, '|');)
    cells.push_back(cell.empty() ? cell : cell.substr(1, cell.size() - 2));
  return cells;
}

// What the page promises and the code does not do, printed; their number.
int printBroken(const std::string &path,
                const std::map<std::string, OperatorFacts> &facts) {
  std::ifstream page(path);
  int rows = 0, broken = 0;
  for (std::string line; std::getline(page, line);) {
    std::vector<std::string> said = cellsOf(line);
    if (said.size() != 7 || said[1] == "operator" || said[1].empty() ||
        line.rfind("|---", 0) == 0)
      continue;
    ++rows;
    auto fact = facts.find(said[1]);
    std::vector<std::string> found(7);
    if (fact != facts.end() && fact->second.isImported)
      found = cellsOf(rowOf(fact->first, fact->second));
    for (size_t column : {3, 4})
      if (said[column] == "yes" && found[column] != "yes") {
        std::cout << "BROKEN " << said[1] << ": the page says yes, found '"
                  << found[column] << "'\n";
        ++broken;
      }
  }
  return rows > 0 ? broken : 1;
}

std::string textOf(const std::string &path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 5) {
    std::cerr << "usage: operators_page DATA EXAMPLES --page|--write F.md\n";
    return 2;
  }
  auto facts = mpc::test::operatorFacts(argv[1], argv[2]);
  std::string action = argv[3], path = argv[4];
  for (const auto &[op, fact] : facts)
    if (fact.isImported && !fact.isShown)
      std::cout << op << ": no model in " << argv[2]
                << " or of ONNX shows it\n";
  if (action == "--write") {
    std::ofstream(path) << pageOf(facts);
    return 0;
  }
  if (textOf(path) != pageOf(facts))
    std::cout << path << " is not the newest; write it anew with "
              << "tools/dev/write-pages\n";
  return printBroken(path, facts) ? 1 : 0;
}
