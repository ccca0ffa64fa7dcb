// What reductions, softmax, normalisation, losses and dropout become.
#include "Builder.h"

#include "gmock/gmock.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string evaluated(Graph graph) {
  ImportOptions options;
  options.evaluateOnly = true;
  Imported model(std::move(graph), options);
  EXPECT_TRUE(model.result.module) << model.problems();
  return model.text;
}

std::string evaluationProblems(Graph graph) {
  ImportOptions options;
  options.evaluateOnly = true;
  return Imported(std::move(graph), options).problems();
}

Builder &scalarOperand(Builder &builder, const std::string &name, float value) {
  Tensor tensor;
  tensor.name = name;
  tensor.dtype = mpcrt::DType::F32;
  tensor.bytes.place = TensorBytes::Place::Stored;
  tensor.small.emplace(4);
  std::memcpy(tensor.small->data(), &value, 4);
  builder.graph.tensors.push_back(std::move(tensor));
  return builder;
}

} // namespace

TEST(Reductions, TakeAxesAsAnAttributeOrAnOperandByVersion) {
  EXPECT_THAT(Builder({2, 3}, 11)
                  .node("ReduceSum", {"x"}, {"y"}, {{"axes", ints({-1})}})
                  .text(),
              HasSubstr("mpc.reduce_sum %arg0 {axes = array<i64: 1>"));
  for (auto [op, opset] : {std::pair{"ReduceSum", 13}, {"ReduceMean", 18}}) {
    Builder builder({2, 3}, opset);
    builder.constant("axes", {0});
    EXPECT_THAT(
        builder.node(op, {"x", "axes"}, {"y"}, {{"keepdims", integer(0)}})
            .text(),
        HasSubstr("-> tensor<3xf32>"))
        << op;
  }
  // Version 13 of the others still has the attribute.
  EXPECT_THAT(Builder({2, 3}, 17)
                  .node("ReduceMax", {"x"}, {"y"}, {{"axes", ints({0})}})
                  .text(),
              HasSubstr("mpc.reduce_max %arg0 {axes = array<i64: 0>"));
}

TEST(Reductions, WithoutAxesReduceAllOrNothing) {
  EXPECT_THAT(Builder({2, 3}, 18).node("ReduceMin", {"x"}, {"y"}).text(),
              HasSubstr("-> tensor<1x1xf32>"));
  EXPECT_THAT(Builder({2, 3}, 18)
                  .node("ReduceMin", {"x"}, {"y"},
                        {{"noop_with_empty_axes", integer(1)}})
                  .text(),
              Not(HasSubstr("mpc.reduce")));
}

TEST(Reductions, RefuseAxesOutsideTheRank) {
  EXPECT_THAT(Builder({2, 3}, 11)
                  .node("ReduceSum", {"x"}, {"y"}, {{"axes", ints({2})}})
                  .problems(),
              HasSubstr("axis 2 is outside rank 2"));
}

TEST(Reductions, CompositesAreDecomposed) {
  EXPECT_THAT(
      Builder({2, 3}).node("ReduceL2", {"x"}, {"y"}).text(),
      testing::ContainsRegex("mpc.mul(.|\n)*reduce_sum(.|\n)*mpc.sqrt"));
}

TEST(Softmax, FlattensBeforeVersion13) {
  Builder old({2, 3, 4}, 11);
  EXPECT_THAT(old.node("Softmax", {"x"}, {"y"}).text(),
              HasSubstr("mpc.softmax %0 {axis = 1 : i64"));
  Builder flat({2, 3, 4}, 11);
  EXPECT_THAT(
      flat.node("LogSoftmax", {"x"}, {"y"}, {{"axis", integer(2)}}).text(),
      HasSubstr("(tensor<6x4xf32>) -> tensor<6x4xf32>"));
  Builder now({2, 3, 4}, 13);
  EXPECT_THAT(now.node("Softmax", {"x"}, {"y"}).text(),
              HasSubstr("mpc.softmax %arg0 {axis = 2 : i64"));
}

TEST(LayerNormalization, BroadcastsScaleAndLeavesOutABias) {
  Builder builder({2, 3, 4});
  EXPECT_THAT(
      builder.weight("s", {4})
          .node("LayerNormalization", {"x", "s"}, {"y"}, {{"axis", integer(1)}})
          .text(),
      testing::ContainsRegex(
          "mpc.broadcast(.|\n)*mpc.layer_normalization %arg0, %1 "
          "(.|\n)*tensor<2x1x1xf32>"));
}

TEST(LayerNormalization, RefusesAScaleThatDoesNotFit) {
  Builder builder({2, 3});
  EXPECT_THAT(builder.weight("s", {2})
                  .node("LayerNormalization", {"x", "s"}, {"y"})
                  .problems(),
              HasSubstr("operand 1 is 2; expected floats of 3"));
}

TEST(GroupNormalization, ScalesByGroupIn18AndByChannelIn21) {
  for (auto [opset, length] : {std::pair{18, 2}, {21, 4}}) {
    Builder builder({1, 4, 3}, opset);
    EXPECT_THAT(builder.weight("s", {length})
                    .weight("b", {length})
                    .node("GroupNormalization", {"x", "s", "b"}, {"y"},
                          {{"num_groups", integer(2)}})
                    .text(),
                HasSubstr("mpc.layer_normalization %2 {axis = 2"))
        << opset;
  }
  Builder builder({1, 4, 3}, 18);
  EXPECT_THAT(builder.weight("s", {2})
                  .weight("b", {2})
                  .node("GroupNormalization", {"x", "s", "b"}, {"y"},
                        {{"num_groups", integer(3)}})
                  .problems(),
              HasSubstr("has 3 groups for 4 channels"));
}

TEST(BatchNormalization, AVectorOfSamplesHasOneChannel) {
  Builder builder({6});
  EXPECT_THAT(builder.weight("s", {1})
                  .weight("b", {1})
                  .weight("m", {1})
                  .weight("v", {1})
                  .node("BatchNormalization", {"x", "s", "b", "m", "v"}, {"y"})
                  .text(),
              HasSubstr("(tensor<6x1xf32>, tensor<1xf32>"));
}

TEST(BatchNormalization, GivesRunningStatisticsOnlyInEvaluation) {
  Builder builder({4, 2});
  builder.weight("s", {2}).weight("b", {2}).weight("m", {2}).weight("v", {2});
  builder.node("BatchNormalization", {"x", "s", "b", "m", "v"},
               {"y", "next_m", "next_v"}, {{"training_mode", integer(1)}});
  builder.graph.outputs.push_back(info("next_m", {}));
  EXPECT_THAT(builder.problems(), HasSubstr("they are state"));
  EXPECT_THAT(evaluated(builder.graph), HasSubstr("mpc.reduce_mean"));
}

TEST(Dropout, OfTrainingCountsItsStepsInAState) {
  Builder builder({2, 3}, 13);
  scalarOperand(builder, "ratio", 0.25f);
  builder.constant("mode", {1}, /*scalar=*/true);
  std::string text =
      builder.node("Dropout", {"x", "ratio", "mode"}, {"y"}).text();
  EXPECT_THAT(text, HasSubstr("mpc.state @Dropout_of_y.applied_steps"));
  EXPECT_THAT(text, HasSubstr("ratio = 2.500000e-01 : f32"));
  EXPECT_THAT(text, HasSubstr("role = #mpc.role<step>"));
}

TEST(Dropout, OfEvaluationOrRatioZeroIsRemoved) {
  Builder plain({2, 3}, 13);
  Imported model(plain.node("Dropout", {"x"}, {"y"}).graph);
  EXPECT_THAT(model.text, Not(HasSubstr("mpc.dropout")));
  EXPECT_THAT(model.result.reports,
              testing::ElementsAre(HasSubstr("evaluation form")));
  Builder zero({2, 3}, 13);
  scalarOperand(zero, "ratio", 0);
  zero.constant("mode", {1}, true);
  EXPECT_THAT(zero.node("Dropout", {"x", "ratio", "mode"}, {"y"}).text(),
              Not(HasSubstr("mpc.dropout")));
}

TEST(Dropout, OfOldVersionsIsTakenForTraining) {
  Builder builder({2, 3}, 10);
  builder.node("Dropout", {"x"}, {"y"}, {{"ratio", number(0.75)}});
  EXPECT_THAT(builder.text(), HasSubstr("ratio = 7.500000e-01 : f32"));
  EXPECT_THAT(evaluated(builder.graph), Not(HasSubstr("mpc.dropout")));
}

TEST(Dropout, EvaluatesToAFullMaskOrNotAtAll) {
  Builder builder({2, 3}, 13);
  builder.node("Dropout", {"x"}, {"y", "mask"});
  builder.graph.outputs.push_back(info("mask", {}));
  EXPECT_THAT(evaluated(builder.graph), HasSubstr("dense<true>"));
  Builder training({2, 3}, 13);
  training.constant("mode", {1}, true);
  training.node("Dropout", {"x", "", "mode"}, {"y"});
  EXPECT_THAT(evaluationProblems(training.graph),
              HasSubstr("drops elements at random in evaluation"));
}

TEST(Dropout, RefusesARatioOfOne) {
  Builder builder({2, 3}, 10);
  EXPECT_THAT(
      builder.node("Dropout", {"x"}, {"y"}, {{"ratio", number(1)}}).problems(),
      HasSubstr("expected at least 0 and less than 1"));
}

TEST(Random, OtherRandomOperatorsAreUnsupported) {
  for (const char *op : {"Bernoulli", "RandomNormalLike", "RandomUniformLike"})
    EXPECT_THAT(Builder({2}).node(op, {"x"}, {"y"}).problems(),
                HasSubstr("draws random numbers"))
        << op;
}
