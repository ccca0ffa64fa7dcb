// What cannot be imported, and what the user is told.
#include "frontend/model/OnnxReader.h"

#include "Builder.h"
#include "OnnxBytes.h"

#include "gmock/gmock.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::HasSubstr;

namespace {

std::string refusalOf(const std::string &op, const std::string &domain = "") {
  Builder model({2, 2});
  model.node(op, {"x"}, {"y"});
  model.graph.nodes[0].domain = domain;
  Imported imported(model.graph);
  EXPECT_EQ(imported.result.code(), mpcrt::Code::Unsupported);
  return imported.problems();
}

} // namespace

TEST(Refusals, ControlFlowIsToBeUnrolled) {
  for (const char *op : {"If", "Loop", "Scan"})
    EXPECT_THAT(refusalOf(op), HasSubstr("decides at run time"));
}

TEST(Refusals, SequencesOptionalsAndTextAreNoTensors) {
  EXPECT_THAT(refusalOf("SequenceAt"), HasSubstr("a sequence of tensors"));
  EXPECT_THAT(refusalOf("OptionalHasElement"), HasSubstr("may be absent"));
  EXPECT_THAT(refusalOf("StringNormalizer"), HasSubstr("works on text"));
}

TEST(Refusals, OtherDomainsAreNamed) {
  EXPECT_EQ(refusalOf("Gelu", "com.microsoft"),
            "model: node 'Gelu_of_y' (Gelu): operators of domain "
            "'com.microsoft' cannot be imported; express it with operators of "
            "ONNX's default domain\n");
  EXPECT_THAT(refusalOf("Adam", "ai.onnx.preview.training"),
              HasSubstr("without its training step"));
}

TEST(Refusals, AMistypedOperatorGetsTheNearestName) {
  EXPECT_THAT(refusalOf("Rleu"), HasSubstr("such as Relu"));
}

// The model's own function hides ONNX's operator of that name.
TEST(Refusals, FunctionsOfTheModelAreToBeInlined) {
  std::string bytes =
      modelProto(Message()
                     .bytes(1, nodeProto("Relu", "n", {"x"}, {"y"}))
                     .bytes(11, valueInfo("x", {2}))
                     .bytes(12, valueInfo("y", {2}))) +
      Message().bytes(25, Message().bytes(1, "Relu")).content;
  Problems problems;
  auto graph =
      readOnnx(std::as_bytes(std::span(bytes)), "model.onnx", problems);
  ASSERT_TRUE(graph && problems.empty());
  EXPECT_EQ(Imported(std::move(*graph)).problems(),
            "model: node 'n' (Relu): is a function that the model defines "
            "itself; inline it, with onnx.inliner.inline_local_functions for "
            "instance\n");
}
