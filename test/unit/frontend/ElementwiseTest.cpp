// What elementwise operators become.
#include "Builder.h"
#include "frontend/OpTable.h"

#include "gmock/gmock.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using mpcrt::DType;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

// A graph whose input x has another element type.
Builder typed(const std::vector<int64_t> &shape, DType dtype,
              int64_t opset = 17) {
  Builder builder(shape, opset);
  builder.graph.inputs[0].dtype = dtype;
  return builder;
}

Builder &input(Builder &builder, const std::string &name,
               const std::vector<int64_t> &shape, DType dtype = DType::F32) {
  builder.graph.inputs.push_back(info(name, shape, dtype));
  return builder;
}

TEST(Elementwise, FunctionsHaveTheDefaultsOfOnnx) {
  for (auto [op, text] :
       {std::pair("Sigmoid", "mpc.unary +sigmoid "),
        {"Mish", "mpc.unary +mish "},
        {"Elu", "mpc.unary +elu .*alpha = 1.0"},
        {"Selu", "mpc.unary +selu .*alpha = 1.67326319.*beta = 1.05070102"},
        {"LeakyRelu", "mpc.unary +leaky_relu .*alpha = 0.00999999"},
        {"HardSigmoid", "mpc.unary +hard_sigmoid .*alpha = 2.0.*beta = 5.0"},
        {"Shrink", "mpc.unary +shrink .*alpha = 5.0"},
        {"ThresholdedRelu", "mpc.unary +thresholded_relu .*alpha = 1.0"}})
    EXPECT_THAT(Builder({2, 3}, 21).node(op, {"x"}, {"y"}).text(),
                ContainsRegex(text));
}

TEST(Elementwise, ParametersAreAttributes) {
  EXPECT_THAT(Builder({2})
                  .node("Shrink", {"x"}, {"y"},
                        {{"lambd", number(1.5)}, {"bias", number(0.25)}})
                  .text(),
              ContainsRegex("shrink .*alpha = 1.5.*beta = 2.5"));
  EXPECT_THAT(Builder({2})
                  .node("Celu", {"x"}, {"y"}, {{"alpha", number(0)}})
                  .problems(),
              HasSubstr("its alpha is 0"));
}

TEST(Elementwise, GeluHasTwoForms) {
  EXPECT_THAT(Builder({2}, 20).node("Gelu", {"x"}, {"y"}).text(),
              HasSubstr(" gelu %"));
  EXPECT_THAT(Builder({2}, 20)
                  .node("Gelu", {"x"}, {"y"}, {{"approximate", word("tanh")}})
                  .text(),
              HasSubstr(" gelu_tanh %"));
  EXPECT_THAT(Builder({2}, 20)
                  .node("Gelu", {"x"}, {"y"}, {{"approximate", word("sin")}})
                  .problems(),
              HasSubstr("its approximate is 'sin'; expected none or tanh"));
}

TEST(Elementwise, FunctionsOfIntegersAreMadeOfArithmetic) {
  EXPECT_THAT(typed({3}, DType::I32).node("Abs", {"x"}, {"y"}).text(),
              HasSubstr("mpc.max"));
  EXPECT_THAT(typed({3}, DType::I64).node("Sign", {"x"}, {"y"}).text(),
              HasSubstr("mpc.min"));
  EXPECT_THAT(typed({3}, DType::I32).node("Exp", {"x"}, {"y"}).problems(),
              HasSubstr("works on integers"));
  EXPECT_THAT(typed({3}, DType::Bool).node("Neg", {"x"}, {"y"}).problems(),
              HasSubstr("works on integers"));
}

TEST(Elementwise, ComparisonsGiveTruthValues) {
  Builder builder({2, 1});
  input(builder, "z", {3}).node("LessOrEqual", {"x", "z"}, {"y"});
  EXPECT_THAT(builder.text(),
              ContainsRegex("mpc.compare +less_or_equal .*-> tensor<2x3xi1>"));
}

TEST(Elementwise, LogicIsForBoolAndBitsForIntegers) {
  EXPECT_THAT(typed({2}, DType::Bool).node("And", {"x", "x"}, {"y"}).text(),
              HasSubstr("mpc.and"));
  EXPECT_THAT(typed({2}, DType::I32).node("And", {"x", "x"}, {"y"}).problems(),
              HasSubstr("its operands are not BOOL"));
  EXPECT_THAT(
      typed({2}, DType::I32, 18).node("BitwiseNot", {"x"}, {"y"}).text(),
      HasSubstr("mpc.xor"));
  EXPECT_THAT(typed({2}, DType::Bool, 18)
                  .node("BitwiseOr", {"x", "x"}, {"y"})
                  .problems(),
              HasSubstr("its operands are not integers"));
}

TEST(Elementwise, WhereBroadcastsItsThreeOperands) {
  Builder builder = typed({2, 1}, DType::Bool);
  input(builder, "a", {3});
  input(builder, "b", {}).node("Where", {"x", "a", "b"}, {"y"});
  EXPECT_THAT(builder.text(), ContainsRegex("mpc.select .*-> tensor<2x3xf32>"));
  Builder wrong({2});
  EXPECT_THAT(wrong.node("Where", {"x", "x", "x"}, {"y"}).problems(),
              HasSubstr("its condition is not BOOL"));
}

TEST(Elementwise, ClipComparesWithTheBoundsThatAreGiven) {
  std::string text =
      Builder({2}, 10).node("Clip", {"x"}, {"y"}, {{"min", number(0)}}).text();
  EXPECT_THAT(text, HasSubstr(" less %"));
  EXPECT_THAT(text, Not(HasSubstr(" greater %")));
  Builder builder({2});
  input(builder, "high", {}).node("Clip", {"x", "", "high"}, {"y"});
  EXPECT_THAT(builder.text(), HasSubstr(" greater %"));
  Builder wrong({2});
  input(wrong, "low", {2}).node("Clip", {"x", "low"}, {"y"});
  EXPECT_THAT(wrong.problems(),
              HasSubstr("its min has shape 2; expected one number"));
}

TEST(Elementwise, PowHasTheTypeOfItsBase) {
  Builder builder = typed({2}, DType::I32);
  input(builder, "e", {2}).node("Pow", {"x", "e"}, {"y"});
  EXPECT_THAT(builder.text(), ContainsRegex("mpc.pow .*-> tensor<2xf32>"));
  EXPECT_THAT(builder.text(),
              ContainsRegex("mpc.convert .*tensor<2xf32> to tensor<2xi32>"));
  EXPECT_THAT(Builder({2})
                  .constant("e", {2}, /*scalar=*/true)
                  .node("Pow", {"x", "e"}, {"y"})
                  .text(),
              ContainsRegex("mpc.constant .*dense<2.0"));
  Builder mixed = typed({2}, DType::I32);
  input(mixed, "e", {2}, DType::I64).node("Pow", {"x", "e"}, {"y"});
  EXPECT_THAT(mixed.text(), ContainsRegex("mpc.pow .*-> tensor<2xi64>"));
}

TEST(Elementwise, ModFollowsFmod) {
  EXPECT_THAT(Builder({2}).node("Mod", {"x", "x"}, {"y"}).text(),
              HasSubstr("mpc.mod"));
  EXPECT_THAT(Builder({2})
                  .node("Mod", {"x", "x"}, {"y"}, {{"fmod", integer(1)}})
                  .text(),
              HasSubstr("mpc.fmod"));
}

TEST(Elementwise, VariadicOperatorsFoldFromTheLeft) {
  Builder builder({2, 1});
  input(builder, "a", {3});
  input(builder, "b", {}).node("Mean", {"x", "a", "b"}, {"y"});
  std::string text = builder.text();
  EXPECT_THAT(text, ContainsRegex("mpc.add .*-> tensor<2x3xf32>"));
  EXPECT_THAT(text, ContainsRegex("mpc.constant .*dense<3.0"));
  EXPECT_THAT(text, HasSubstr("mpc.div"));
  EXPECT_THAT(Builder({2}).node("Max", {"x"}, {"y"}).text(),
              Not(HasSubstr("mpc.max")));
}

TEST(Elementwise, CastsBetweenIntegersAndFloatsAreConversions) {
  EXPECT_THAT(
      Builder({2}).node("Cast", {"x"}, {"y"}, {{"to", integer(7)}}).text(),
      ContainsRegex("mpc.convert .*tensor<2xf32> to tensor<2xi64>"));
  EXPECT_THAT(
      Builder({2}).node("Cast", {"x"}, {"y"}, {{"to", integer(11)}}).problems(),
      HasSubstr("casts to data type 11"));
  Builder like({2});
  input(like, "l", {}, DType::Bool).node("CastLike", {"x", "l"}, {"y"});
  EXPECT_THAT(like.text(),
              ContainsRegex("mpc.convert .*tensor<2xf32> to tensor<2xi1>"));
}

TEST(Elementwise, CastsOfKnownIntegersAreConstants) {
  EXPECT_THAT(Builder({2})
                  .constant("n", {3}, /*scalar=*/true)
                  .node("Cast", {"n"}, {"f"}, {{"to", integer(1)}})
                  .node("Mul", {"x", "f"}, {"y"})
                  .text(),
              ContainsRegex("mpc.constant .*dense<3.0"));
}

TEST(Elementwise, PReluTakesASlopeThatBroadcasts) {
  Builder builder({2, 3});
  EXPECT_THAT(builder.weight("s", {3}).node("PRelu", {"x", "s"}, {"y"}).text(),
              HasSubstr(" greater %"));
  Builder wrong({3});
  EXPECT_THAT(
      wrong.weight("s", {2, 3}).node("PRelu", {"x", "s"}, {"y"}).problems(),
      HasSubstr("its slope 2x3 does not broadcast to 3"));
}

} // namespace
