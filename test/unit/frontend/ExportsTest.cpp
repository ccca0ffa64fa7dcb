// The mlp and cnn exports of PyTorch's three ways to write ONNX.
#include "Models.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::HasSubstr;
using testing::Not;

namespace {

struct Export {
  const char *file;
  std::vector<std::string> shapes;
  const char *signature;
};

class Exports : public testing::TestWithParam<Export> {};

TEST_P(Exports, ImportAndVerify) {
  Imported model(
      ImportOptions{inputPath(GetParam().file), GetParam().shapes, {}});
  ASSERT_TRUE(model.result.module) << model.problems();
  EXPECT_EQ(model.result.code(), mpcrt::Code::Ok);
  EXPECT_THAT(model.text, HasSubstr(GetParam().signature));
}

constexpr const char *mlp =
    "func.func @forward(%arg0: tensor<512x784xf32> {mpc.name = \"x\"}) -> "
    "(tensor<512x10xf32> {mpc.name = \"logits\"})";
constexpr const char *cnn =
    "func.func @forward(%arg0: tensor<128x3x32x32xf32> {mpc.name = \"x\"}) -> "
    "(tensor<128x10xf32> {mpc.name = \"logits\"})";

INSTANTIATE_TEST_SUITE_P(
    All, Exports,
    testing::Values(Export{"mlp.legacy.onnx", {}, mlp},
                    Export{"mlp.dynamo.onnx", {}, mlp},
                    Export{"mlp.dynbatch.onnx", {"batch=512"}, mlp},
                    Export{"cnn.legacy.onnx", {}, cnn},
                    Export{"cnn.dynamo.onnx", {}, cnn},
                    Export{"cnn.dynbatch.onnx", {"batch=128"}, cnn},
                    Export{"cnn.dynbatch.onnx", {"x=128x3x32x32"}, cnn}));

TEST(Exports, AbsentWeightsStartFromTheirSlotsDefault) {
  Imported model(ImportOptions{inputPath("mlp.legacy.onnx"), {}, {}});
  // sqrt(6 / 784) and sqrt(6 / 1024).
  EXPECT_THAT(model.text,
              HasSubstr("mpc.state @net.0.weight : tensor<1024x784xf32> "
                        "{initializer = #mpc.uniform<0.0874817765279"));
  EXPECT_THAT(model.text, HasSubstr("#mpc.uniform<0.0765465544619"));
  ASSERT_EQ(model.result.warnings.size(), 1u);
  EXPECT_THAT(model.result.warnings[0],
              HasSubstr("'mlp.legacy.onnx.data' is absent, so 3 weights"));
}

TEST(Exports, PresentWeightsStayInTheirFile) {
  Imported model(ImportOptions{inputPath("mlp.legacy.onnx"), {}, {}});
  EXPECT_THAT(model.text,
              HasSubstr("mpc.state @net.4.bias : tensor<10xf32> {initializer "
                        "= #mpc.file<\"" +
                        inputPath("mlp.legacy.onnx") + "\", \"net.4.bias\">"));
}

TEST(Exports, EveryOpKnowsItsNode) {
  Imported model(ImportOptions{inputPath("mlp.legacy.onnx"), {}, {}});
  EXPECT_THAT(model.text,
              HasSubstr("direction = #mpc.direction<forward>, node = "
                        "[\"/net/net.1/Relu\"], op_type = \"Relu\""));
  model.result.module->walk([](mpc::NodeOpInterface op) {
    EXPECT_TRUE(op.getNodeAttr() && op.getOpTypeAttr() &&
                op.getDirectionAttr());
  });
}

TEST(Exports, UnboundSymbolsAreListed) {
  Imported model(ImportOptions{inputPath("mlp.dynbatch.onnx"), {}, {}});
  EXPECT_EQ(model.result.code(), mpcrt::Code::InvalidData);
  EXPECT_EQ(model.problems(),
            "model: the model leaves extents open: symbols 'batch'; bind them "
            "with --shape batch=N\n");
}

TEST(Exports, TrainableGlobsLeaveTheRestConstant) {
  Imported model(
      ImportOptions{inputPath("mlp.legacy.onnx"), {}, {"net.4.*", "nothing"}});
  EXPECT_THAT(model.text, HasSubstr("role = #mpc.role<constant>"));
  EXPECT_THAT(model.text,
              testing::ContainsRegex(
                  "@net.4.weight : [^\n]*role = #mpc.role<parameter>"));
  EXPECT_THAT(model.text,
              Not(testing::ContainsRegex(
                  "@net.0.weight : [^\n]*role = #mpc.role<parameter>")));
  EXPECT_THAT(
      model.result.warnings,
      testing::Contains("--trainable nothing matches no weight of the model"));
}

TEST(Exports, AbsentModelIsAFileError) {
  Imported model(ImportOptions{inputPath("absent.onnx"), {}, {}});
  EXPECT_EQ(model.result.code(), mpcrt::Code::File);
}

} // namespace
