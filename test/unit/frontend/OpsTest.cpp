// One node at a time: what each operator becomes, and what it refuses.
#include "frontend/OpTable.h"

#include "Builder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::HasSubstr;
using testing::Not;

namespace {

TEST(Ops, TheTableIsSortedByVersion) {
  for (const OpRow &row : opTable()) {
    EXPECT_TRUE(std::is_sorted(row.versions.begin(), row.versions.end()));
    EXPECT_EQ(findRow(row.opType), &row) << row.opType.str();
  }
}

TEST(Ops, SinceVersionIsTheNewestNotAfterTheOpset) {
  const OpRow *dropout = findRow("Dropout");
  EXPECT_EQ(sinceVersion(*dropout, 7), 7);
  EXPECT_EQ(sinceVersion(*dropout, 11), 10);
  EXPECT_EQ(sinceVersion(*dropout, 12), 12);
  EXPECT_EQ(sinceVersion(*dropout, 21), 13);
}

Builder batchNorm(int64_t mode) {
  Builder builder({2, 3, 4, 4});
  for (const char *name : {"s", "b", "m", "v"})
    builder.weight(name, {3});
  builder.node("BatchNormalization", {"x", "s", "b", "m", "v"}, {"y"},
               {{"training_mode", integer(mode)}});
  return builder;
}

TEST(Ops, BatchNormalizationIsImportedInTheFormOfTheFile) {
  for (int64_t mode : {0, 1}) {
    Imported model(batchNorm(mode).graph);
    ASSERT_TRUE(model.result.module) << model.problems();
    EXPECT_THAT(model.text,
                testing::ContainsRegex(
                    mode ? "mpc.batch_normalization [^\n]*epsilon = "
                           "9.99999974E-6[^\n]*momentum = 0.899999976"
                         : "mpc.batch_normalization_inference "
                           "[^\n]*epsilon = 9.99999974E-6[^\n]*"
                           "mpc.momentum = 0.899999976"));
    auto warned = testing::Contains(HasSubstr("--train-batchnorm"));
    if (mode == 0)
      EXPECT_THAT(model.result.warnings, warned);
    else
      EXPECT_THAT(model.result.warnings, Not(warned));
    for (const char *line :
         {"@s : tensor<3xf32> .initializer = #mpc.fill<1.[^\n]*<parameter>",
          "@b : tensor<3xf32> .initializer = #mpc.fill<0.[^\n]*<parameter>",
          "@m : tensor<3xf32> .initializer = #mpc.fill<0.[^\n]*<statistic>",
          "@v : tensor<3xf32> .initializer = #mpc.fill<1.[^\n]*<statistic>"})
      EXPECT_THAT(model.text, testing::ContainsRegex(line));
  }
}

TEST(Ops, RunningStatisticsBelongToOneNode) {
  Builder builder({2, 3});
  for (const char *name : {"s", "b", "m", "v"})
    builder.weight(name, {3});
  for (auto [from, to] : {std::pair("x", "h"), {"h", "y"}})
    builder.node("BatchNormalization", {from, "s", "b", "m", "v"}, {to},
                 {{"training_mode", integer(1)}});
  EXPECT_THAT(builder.problems(),
              HasSubstr("running statistic 'm' is shared with another node"));
}

// No step updates them in inference form, so that they may be shared.
TEST(Ops, AStatisticIsNotTrained) {
  Builder builder({2, 3});
  for (const char *name : {"s", "b", "m", "v"})
    builder.weight(name, {3});
  for (auto [from, to] : {std::pair("x", "h"), {"h", "i"}})
    builder.node("BatchNormalization", {from, "s", "b", "m", "v"}, {to});
  builder.node("Add", {"i", "m"}, {"y"});
  Imported model(builder.graph);
  ASSERT_TRUE(model.result.module) << model.problems();
  EXPECT_THAT(model.result.warnings,
              testing::Contains(
                  HasSubstr("'m' is a running statistic of another node")));
}

TEST(Ops, TiedWeightsAreOneState) {
  std::string text = Builder({2, 3})
                         .weight("w", {3, 3})
                         .node("Identity", {"w"}, {"tied"})
                         .node("MatMul", {"x", "w"}, {"h"})
                         .node("MatMul", {"h", "tied"}, {"y"})
                         .text();
  size_t first = text.find("mpc.state");
  EXPECT_EQ(text.find("mpc.state", first + 1), std::string::npos);
  size_t read = text.find("mpc.read");
  EXPECT_EQ(text.find("mpc.read", read + 1), std::string::npos);
}

TEST(Ops, ReservedNamesGetAPrefix) {
  EXPECT_THAT(
      Builder({2, 3}).weight("lr", {3}).node("Mul", {"x", "lr"}, {"y"}).text(),
      HasSubstr("mpc.state @model.lr : tensor<3xf32> {initializer = "
                "#mpc.fill<1."));
}

TEST(Ops, ReshapeKeepsZerosAndInfersOneExtent) {
  EXPECT_THAT(Builder({2, 3, 4})
                  .constant("s", {0, -1})
                  .node("Reshape", {"x", "s"}, {"y"})
                  .text(),
              HasSubstr("-> tensor<2x12xf32>"));
  EXPECT_THAT(Builder({2, 3, 4})
                  .constant("s", {5, -1})
                  .node("Reshape", {"x", "s"}, {"y"})
                  .problems(),
              HasSubstr("cannot turn 2x3x4 into a shape with 5 elements"));
  EXPECT_THAT(
      Builder({2, 3, 4})
          .constant("s", {0, -1})
          .node("Reshape", {"x", "s"}, {"y"}, {{"allowzero", integer(1)}})
          .problems(),
      HasSubstr("cannot turn 2x3x4"));
}

// What exporters write for x.view(x.size(0), -1) with a symbolic batch.
TEST(Ops, ShapeArithmeticOnABoundSymbolIsFolded) {
  std::string text =
      Builder({-1, 3, 4})
          .constant("zero", {0}, /*scalar=*/true)
          .constant("axes", {0})
          .constant("rest", {-1})
          .node("Shape", {"x"}, {"shape"})
          .node("Gather", {"shape", "zero"}, {"n"})
          .node("Unsqueeze", {"n", "axes"}, {"n1"})
          .node("Concat", {"n1", "rest"}, {"to"}, {{"axis", integer(0)}})
          .node("Reshape", {"x", "to"}, {"y"})
          .text({"batch=6"});
  EXPECT_THAT(text, HasSubstr("-> tensor<6x12xf32>"));
  EXPECT_THAT(text, Not(HasSubstr("mpc.constant")));
}

TEST(Ops, SqueezeAndUnsqueezeAreReshapes) {
  EXPECT_THAT(Builder({2, 1, 4}, 11)
                  .node("Squeeze", {"x"}, {"h"}, {{"axes", ints({-2})}})
                  .node("Unsqueeze", {"h"}, {"y"}, {{"axes", ints({0, 3})}})
                  .text(),
              HasSubstr("-> tensor<1x2x4x1xf32>"));
  EXPECT_THAT(Builder({2, 1, 4}, 11)
                  .node("Squeeze", {"x"}, {"y"}, {{"axes", ints({0})}})
                  .problems(),
              HasSubstr("squeezes axis 0 of 2x1x4"));
}

TEST(Ops, UsersCastsAreKept) {
  EXPECT_THAT(Builder({2, 3})
                  .node("Cast", {"x"}, {"h"}, {{"to", integer(10)}})
                  .node("Cast", {"h"}, {"y"}, {{"to", integer(1)}})
                  .text(),
              testing::ContainsRegex("mpc.cast [^\n]*user[^\n]*: "
                                     "tensor<2x3xf32> to tensor<2x3xf16>"));
}

TEST(Ops, EveryProblemIsFoundInOnePass) {
  Builder builder({2, 3});
  builder.weight("w", {3, 3});
  builder.graph.valueInfos.push_back(info("b", {2, 3}));
  builder.node("Unheard", {"x"}, {"a"})
      .node("Det", {"a"}, {"a2"})
      .node("MatMul", {"x", "w"}, {"h"})
      .node("NonZero", {"h"}, {"b"})
      .node("Add", {"b", "w"}, {"c"})
      .node("Add", {"a2", "c"}, {"y"});
  Imported model(builder.graph);
  ASSERT_EQ(model.result.problems.size(), 4u) << model.problems();
  const Problems &found = model.result.problems;
  EXPECT_EQ(found[0].node, "Unheard_of_a");
  EXPECT_FALSE(found[0].onGradientPath);
  EXPECT_EQ(found[1].node, "Det_of_a2");
  EXPECT_EQ(found[2].node, "NonZero_of_b");
  EXPECT_TRUE(found[2].onGradientPath);
  EXPECT_EQ(found[2].code, mpcrt::Code::Unsupported);
  EXPECT_EQ(found[3].node, "Add_of_c");
  EXPECT_EQ(found[3].code, mpcrt::Code::InvalidData);
  EXPECT_EQ(model.result.code(), mpcrt::Code::InvalidData);
}

TEST(Ops, NodesWithoutUseAreLeftOut) {
  Imported model(Builder({2, 3})
                     .node("Softmax", {"x"}, {"unused"})
                     .node("Relu", {"x"}, {"y"})
                     .graph);
  EXPECT_TRUE(model.result.module) << model.problems();
  EXPECT_EQ(model.result.reports.size(), 1u);
}

} // namespace
