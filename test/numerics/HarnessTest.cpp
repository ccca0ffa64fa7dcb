// The harness itself: its cases are complete, its bounds hold for the reference
// and are tight enough to notice a result that is wrong.
#include "test/numerics/Instances.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test;

TEST(Numerics, EveryOpOfTheDialectHasACase) {
  Program program("");
  program.context.getOrLoadDialect<MpcDialect>();
  std::set<std::string> tested = testedOps();
  for (RegisteredOperationName name :
       program.context.getRegisteredOperationsByDialect("mpc")) {
    if (!name.hasInterface<ReferenceOpInterface>())
      continue;
    EXPECT_TRUE(tested.count(name.stripDialect().str()))
        << name.getStringRef().str()
        << " has no case in test/numerics/Cases.cpp";
  }
}

class Bounds : public testing::TestWithParam<std::string> {};

TEST_P(Bounds, HoldForTheRoundedReference) {
  Instances instances(GetParam());
  instances.forEach([](func::FuncOp function, const Case &c) {
    for (const Tensors &arguments : Instances::arguments(function, c)) {
      Expectation expected(function, arguments);
      EXPECT_EQ(expected.check(expected.rounded), "");
    }
  });
}

// What lies behind the interval by its width and four units in the last place
// is not accepted.
TEST_P(Bounds, RefuseWhatIsWrong) {
  Instances instances(GetParam());
  instances.forEach([](func::FuncOp function, const Case &c) {
    Expectation expected(function, Instances::arguments(function, c).front());
    for (size_t i = 0; i < expected.rounded.size(); ++i) {
      SmallVector<Tensor> wrong = expected.rounded;
      if (wrong[i].size() == 0)
        continue;
      if (!wrong[i].isFloat()) {
        ++wrong[i].integers.back();
        EXPECT_NE(expected.check(wrong), "");
        continue;
      }
      double &value = wrong[i].floats.back();
      auto format = formatOf(wrong[i].type.getElementType());
      double high = expected.allowed[i].high.floats.back();
      double width = high - expected.allowed[i].low.floats.back();
      if (!std::isfinite(value) || !std::isfinite(width))
        continue;
      value = formats::roundTo(high + width + 4 * formats::ulp(high, format),
                               format);
      EXPECT_NE(expected.check(wrong), "");
    }
  });
}

// Sums in f32 instead of in the format of the operands are what the dialect
// promises; a bound that a sum in f16 satisfies would test nothing.
TEST(Bounds, RefuseASumInTheNarrowFormat) {
  Program program("func.func @f(%x: tensor<1000xf16>) -> tensor<f32> {\n"
                  "%r = mpc.reduce_sum %x {axes = array<i64: 0>} : "
                  "(tensor<1000xf16>) -> tensor<f32>\n"
                  "return %r : tensor<f32>\n}");
  Tensor x = program.floats("1000xf16", std::vector<double>(1000, 3.001953125));
  Expectation expected(program.function("f"), {x});
  double sum = 0;
  for (double value : x.floats)
    sum = formats::roundTo(sum + value, formats::FloatFormat::F16);
  EXPECT_NE(expected.check({program.floats("f32", {sum})}), "");
}

INSTANTIATE_TEST_SUITE_P(Ops, Bounds, testing::ValuesIn(testedOps()),
                         [](const auto &info) { return info.param; });
