// Models of opset 1 to 6.
#include "frontend/OldForms.h"

#include "Builder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::HasSubstr;
using testing::Not;

namespace {

// One node from `inputs` (a, b, ...) to y.
Graph oneNode(int64_t opset, const std::string &op,
              const std::vector<std::vector<int64_t>> &inputs,
              std::map<std::string, Attribute> attributes = {}) {
  Graph graph;
  graph.opset = opset;
  Node node;
  node.opType = op;
  node.outputs = {"y"};
  node.attributes = std::move(attributes);
  for (const std::vector<int64_t> &shape : inputs) {
    node.inputs.push_back(std::string(1, char('a' + node.inputs.size())));
    graph.inputs.push_back(info(node.inputs.back(), shape));
  }
  graph.nodes = {node};
  graph.outputs = {info("y", {})};
  return graph;
}

} // namespace

TEST(OldForms, AnAxisSaysWhereTheSecondOperandLies) {
  Imported imported(oneNode(6, "Add", {{2, 3, 4}, {3}},
                            {{"broadcast", integer(1)}, {"axis", integer(1)}}));
  EXPECT_EQ(imported.problems(), "");
  EXPECT_THAT(imported.text, HasSubstr("mpc.reshape"));
  EXPECT_THAT(imported.text, HasSubstr("(tensor<2x3x4xf32>, tensor<3x1xf32>)"));
}

TEST(OldForms, WithoutAnAxisTheLastDimensionsMeet) {
  Imported imported(
      oneNode(6, "Mul", {{2, 3}, {3}}, {{"broadcast", integer(1)}}));
  EXPECT_EQ(imported.problems(), "");
  EXPECT_THAT(imported.text, Not(HasSubstr("mpc.reshape")));
}

TEST(OldForms, AnAxisWithoutBroadcastMeansNothing) {
  Imported imported(
      oneNode(6, "Sub", {{2, 3}, {2, 3}}, {{"axis", integer(0)}}));
  EXPECT_EQ(imported.problems(), "");
  EXPECT_THAT(imported.text, Not(HasSubstr("mpc.reshape")));
}

TEST(OldForms, AShapeThatIsAnAttributeBecomesAnOperand) {
  Imported imported(oneNode(1, "Reshape", {{2, 3}}, {{"shape", ints({3, 2})}}));
  EXPECT_EQ(imported.problems(), "");
  EXPECT_THAT(imported.text, HasSubstr("-> tensor<3x2xf32>"));
}

TEST(OldForms, DropoutSaysItsModeByAnAttribute) {
  Imported training(oneNode(6, "Dropout", {{2, 3}}));
  EXPECT_EQ(training.problems(), "");
  EXPECT_THAT(training.text, HasSubstr("mpc.dropout"));
  Imported evaluated(
      oneNode(6, "Dropout", {{2, 3}}, {{"is_test", integer(1)}}));
  EXPECT_EQ(evaluated.problems(), "");
  EXPECT_THAT(evaluated.text, testing::Not(HasSubstr("mpc.dropout")));
}

TEST(OldForms, TrainingModeOfBatchNormalizationIsRefused) {
  Imported imported(oneNode(6, "BatchNormalization", {{2, 3}}));
  EXPECT_THAT(
      imported.problems(),
      HasSubstr("node 'y' (BatchNormalization): its form of opset 6 is in "
                "training mode (is_test is 0); export the model with opset 7 "
                "to 21\n"));
}

TEST(OldForms, EveryOldModelIsReported) {
  Imported imported(oneNode(1, "Relu", {{2}}));
  EXPECT_THAT(imported.result.reports,
              testing::ElementsAre("opset 1 is read as opset 7"));
}

TEST(OldForms, OpsetsFromSevenOnStayAsTheyAre) {
  Problems problems;
  Graph graph = oneNode(7, "Add", {{2}, {2}}, {{"axis", integer(1)}});
  upgradeOldForms(graph, problems);
  EXPECT_EQ(graph.opset, 7);
  EXPECT_EQ(graph.nodes[0].attributes.count("axis"), 1u);
}

TEST(OldForms, AFormThatTheOpsetDoesNotHaveIsRefused) {
  EXPECT_EQ(Imported(oneNode(7, "Celu", {{2}})).problems(),
            "model: node 'y' (Celu): has no form in opset 7 that can be "
            "imported; export the model with opset 12 or newer\n");
}

// No opset that is read has it; JSON models are of none.
TEST(OldForms, AnOperatorNewerThanEveryOpsetIsRead) {
  EXPECT_EQ(Imported(oneNode(21, "RMSNormalization", {{2, 3}, {3}})).problems(),
            "");
}
