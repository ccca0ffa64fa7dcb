// Every op as the CPU executes it, scheduled, planned and lowered as a training
// program is, against the reference.
#include "test/numerics/RunProgram.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test;

class Compiled : public testing::TestWithParam<std::string> {};

// What the compiled function gives, and whether it gives the same bits with
// each tile in a call of its own, last tile first.
static SmallVector<Tensor> runCompiled(ProgramRunner &runner,
                                       func::FuncOp function,
                                       const Tensors &arguments) {
  std::vector<Bytes> inputs = encoded(arguments);
  std::string name = function.getSymName().str();
  std::vector<Bytes> outputs = runner.run(name, inputs);
  EXPECT_EQ(outputs, runner.run(name, inputs, /*splitTiles=*/true));
  return decoded(outputs, function);
}

TEST_P(Compiled, AgreesWithTheReference) {
  Instances instances(GetParam());
  instances.forEach([&](func::FuncOp function, const Case &c) {
    std::string text;
    llvm::raw_string_ostream(text) << function;
    SCOPED_TRACE(text);
    ProgramRunner runner(text);
    if (!runner.ok())
      return;
    for (const Tensors &arguments : Instances::arguments(function, c)) {
      Expectation expected(function, arguments);
      EXPECT_EQ(expected.check(runCompiled(runner, function, arguments)), "");
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Ops, Compiled, testing::ValuesIn(testedOps()),
                         [](const auto &info) { return info.param; });
