// Which elements dropout keeps does not depend on how they are cut into tiles.
#include "test/lowering/KernelRunner.h"
#include "gtest/gtest.h"

using namespace mpc::test;

// The rows of `shape` are apart, because the factors are broadcast to them.
static std::vector<double> kept(const std::string &rows,
                                const std::string &columns,
                                const std::string &target) {
  std::string x = rows + "x" + columns + "xf32", factors = columns + "xf32";
  std::string type = "tensor<" + x + ">";
  KernelRunner kernel("mpc.dropout", {x, "i64", factors},
                      "%d, %n = mpc.dropout %0, %1 {ratio = 0.5 : f32, seed = "
                      "-1 : i64} : (" +
                          type + ", tensor<i64>) -> (" + type +
                          ", tensor<i64>)\n%r = mpc.mul %d, %2 : (" + type +
                          ", tensor<" + factors + ">) -> " + type +
                          "\nmpc.yield %r : " + type,
                      {x}, target);
  std::vector<double> ones(size_t(elementCount(x)), 1);
  return kernel
      .run({makeTensor(x, ones), makeTensor("i64", {3}),
            makeTensor(factors,
                       std::vector<double>(size_t(elementCount(factors)), 1))})
      .front()
      .values;
}

TEST(Dropout, KeepsTheSameElementsInTilesOfAGpu) {
  for (const char *columns : {"1", "8", "9", "12", "37", "64", "131"})
    EXPECT_EQ(kept("5", columns, "ptx"), kept("5", columns, "cpu")) << columns;
}
