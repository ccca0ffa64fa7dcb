// Kernels side by side in one launch, under the emulator.
#include "compiler/dialect/Dialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "test/lowering/ProgramRunner.h"
#include <gtest/gtest.h>

using namespace mpc;
using namespace mpc::test;

// Five classes of which one has two members, with blocks of whole warps and
// without.
TEST(Group, EachBlockRunsTheCodeOfItsMember) {
  constexpr size_t rows = 150, columns = 16, starts[] = {0, 3, 8, 8, 5, 1},
                   widths[] = {8, 5, 8, 8, 11, 1};
  std::string body, types, names;
  for (size_t i = 0; i < std::size(starts); ++i) {
    std::string comma = i ? ", " : "", name = "%r" + std::to_string(i);
    std::string type = "tensor<150x" + std::to_string(widths[i]) + "xf32>";
    body += name + " = mpc.slice %x" + (i == 3 ? "1" : "0") +
            " {starts = array<i64: 0, " + std::to_string(starts[i]) +
            ">, steps = array<i64: 1, 1>} : (tensor<150x16xf32>) -> " + type +
            "\n";
    types += comma + type;
    names += comma + name;
  }
  ProgramRunner runner(
      "func.func @forward(%x0: tensor<150x16xf32>, %x1: tensor<150x16xf32>) "
      "-> (" +
          types + ") {\n" + body + "func.return " + names + " : " + types +
          "\n}",
      {Target::Kind::Sm80});
  ASSERT_TRUE(runner.ok());
  size_t groups = 0;
  runner.module().lookupSymbol<mlir::func::FuncOp>("forward").walk(
      [&](KernelOp kernel) { groups += kernel.isGroup(); });
  EXPECT_EQ(groups, 1u);
  std::vector<float> x[2];
  for (size_t i = 0; i < rows * columns; ++i) {
    x[0].push_back(float(i));
    x[1].push_back(-float(i));
  }
  auto results = runner.run("forward", {toBytes(x[0]), toBytes(x[1])});
  for (size_t i = 0; i < results.size(); ++i) {
    auto got = fromBytes<float>(results[i]);
    for (size_t j = 0; j < got.size(); ++j)
      ASSERT_EQ(got[j],
                x[i == 3][j / widths[i] * columns + starts[i] + j % widths[i]])
          << i << ", " << j;
  }
}
