#include "test/numerics/Instances.h"
#include "test/numerics/Chains.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test;

std::string Instances::makeSource(StringRef op) {
  std::string all;
  for (const Case &c : allCases()) {
    if (c.op != op)
      continue;
    // A case without formats of its own gives the same text each time.
    std::set<std::string> seen;
    for (const Formats &formats : testedFormats()) {
      if ((c.sameFormat && formats.operand != formats.result) ||
          !seen.insert(functionText(c, formats, "")).second)
        continue;
      all += functionText(c, formats, "f" + std::to_string(cases.size()));
      cases.push_back(&c);
    }
  }
  return all;
}

std::vector<Tensors> Instances::arguments(func::FuncOp function,
                                          const Case &c) {
  Tensors plain;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
    plain.push_back(
        makeArgument(c.arguments[i], cast<RankedTensorType>(type), i + 1));
  std::vector<Tensors> all = {plain};
  for (size_t i = 0; i < plain.size(); ++i)
    for (double poison : {std::nan(""), HUGE_VAL}) {
      if (plain[i].floats.size() < 2)
        continue;
      all.push_back(plain);
      all.back()[i].floats[plain[i].floats.size() / 2] = poison;
    }
  return all;
}

Expectation::Expectation(func::FuncOp function, ArrayRef<Tensor> arguments) {
  auto outcome = run(function, {}, arguments, Mode::Rounded);
  if (failed(outcome)) {
    ADD_FAILURE() << "the reference fails on " << function.getSymName().str();
    return;
  }
  rounded = outcome->values;
  allowed = allowedResults(function, arguments);
}

std::string Expectation::check(ArrayRef<Tensor> got) const {
  for (size_t i = 0; i < allowed.size(); ++i) {
    std::string wrong =
        describeDifference({got[i].floats, got[i].integers}, allowed[i]);
    if (!wrong.empty())
      return "result " + std::to_string(i) + ", " + wrong;
  }
  return "";
}

std::set<std::string> mpc::test::testedOps() {
  std::set<std::string> ops;
  for (const Case &c : allCases())
    ops.insert(c.op);
  return ops;
}
