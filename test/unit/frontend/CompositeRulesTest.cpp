// What losses in a model and other composites with functions become.
#include "Builder.h"

#include "gmock/gmock.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::HasSubstr;

TEST(Reductions, WithFunctionsAreDecomposed) {
  EXPECT_THAT(Builder({2, 3}).node("ReduceL1", {"x"}, {"y"}).text(),
              testing::ContainsRegex("mpc.unary +abs(.|\n)*reduce_sum"));
  EXPECT_THAT(Builder({2, 3}).node("ReduceLogSumExp", {"x"}, {"y"}).text(),
              testing::ContainsRegex("reduce_max(.|\n)*mpc.unary +"
                                     "exp(.|\n)*reduce_sum(.|\n)*unary +log"));
}

TEST(Hardmax, MarksTheFirstOfTheLargest) {
  EXPECT_THAT(Builder({2, 3}).node("Hardmax", {"x"}, {"y"}).text(),
              testing::ContainsRegex(
                  "mpc.arg_reduce(.|\n)*mpc.compare(.|\n)*mpc.select"));
}

TEST(Lrn, SumsOverChannelsByAnAveragePool) {
  EXPECT_THAT(Builder({1, 5, 2, 2})
                  .node("LRN", {"x"}, {"y"}, {{"size", integer(3)}})
                  .text(),
              HasSubstr("kernel = array<i64: 3, 1>"));
}

TEST(Losses, TheMeanIsCrossEntropyAndTheRestIsDecomposed) {
  for (const char *reduction : {"mean", "sum", "none"}) {
    Builder builder({4, 3});
    builder.graph.inputs.push_back(info("t", {4}, mpcrt::DType::I64));
    std::string text = builder
                           .node("SoftmaxCrossEntropyLoss", {"x", "t"}, {"y"},
                                 {{"reduction", word(reduction)},
                                  {"ignore_index", integer(1)}})
                           .text();
    bool isMean = reduction == std::string("mean");
    EXPECT_THAT(
        text, HasSubstr(isMean ? "ignore_index = 1 : i64" : "mpc.log_softmax"));
    EXPECT_THAT(text, HasSubstr(reduction == std::string("none")
                                    ? "-> (tensor<4xf32> {mpc.name"
                                    : "-> (tensor<f32> {mpc.name"))
        << reduction;
  }
}

TEST(Losses, RefuseLabelsOfAnotherShape) {
  Builder builder({4, 3});
  builder.graph.inputs.push_back(info("t", {3}, mpcrt::DType::I64));
  EXPECT_THAT(
      builder.node("NegativeLogLikelihoodLoss", {"x", "t"}, {"y"}).problems(),
      HasSubstr("its labels are 3; expected integers of 4"));
}
