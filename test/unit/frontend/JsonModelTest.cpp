// The JSON format: the examples, the page that documents it, its messages, and
// its schema.
#include "frontend/model/JsonReader.h"

#include "Models.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <fstream>
#include <sstream>

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::HasSubstr;

namespace {

std::string problemsOf(const std::string &json) {
  Problems problems;
  readJson(std::as_bytes(std::span(json.data(), json.size())), "m.json",
           problems);
  std::string text;
  for (const Problem &problem : problems)
    text += toText(problem, "m.json") + "\n";
  return text;
}

std::string fileText(const std::string &path) {
  std::ifstream file(std::string(MPC_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string importText(const std::string &json) {
  Problems problems;
  auto graph = readJson(std::as_bytes(std::span(json.data(), json.size())),
                        "m.json", problems);
  EXPECT_TRUE(graph) << problemsOf(json);
  if (!graph)
    return "";
  Imported model(std::move(*graph));
  EXPECT_TRUE(model.result.module) << model.problems();
  return model.text;
}

struct Example {
  const char *folder;
  const char *signature;
};
class Examples : public testing::TestWithParam<Example> {};

TEST_P(Examples, Import) {
  std::string path = std::string(MPC_SOURCE_DIR "/examples/") +
                     GetParam().folder + "/model.json";
  Imported model(ImportOptions{path, {}, {}});
  ASSERT_TRUE(model.result.module) << model.problems();
  EXPECT_THAT(model.text, HasSubstr(GetParam().signature));
  EXPECT_THAT(model.text,
              HasSubstr("tensor<32x10xf32> {mpc.name = \"logits\"}"));
  EXPECT_THAT(model.text, HasSubstr(std::string("mpc.model = \"") +
                                    GetParam().folder + "\""));
}

INSTANTIATE_TEST_SUITE_P(
    All, Examples,
    testing::Values(Example{"digits", "@forward(%arg0: tensor<32x1x8x8xf32>"},
                    Example{"dense", "@forward(%arg0: tensor<32x1x8x8xf32>"},
                    Example{"mlp64", "@forward(%arg0: tensor<32x64xf32>"},
                    Example{"cnn", "@forward(%arg0: tensor<32x3x32x32xf32>"}));

TEST(JsonModel, WeightShapesFollowFromTheInput) {
  Imported model(ImportOptions{
      MPC_SOURCE_DIR "/examples/digits/model.json", {"batch=8"}, {}});
  ASSERT_TRUE(model.result.module) << model.problems();
  EXPECT_THAT(model.text, HasSubstr("@forward(%arg0: tensor<8x1x8x8xf32>"));
  // sqrt(6 / 9), sqrt(6 / 144) and sqrt(6 / 128).
  EXPECT_THAT(model.text, HasSubstr("@conv1.weight : tensor<16x1x3x3xf32> "
                                    "{initializer = #mpc.uniform<0.816496"));
  EXPECT_THAT(model.text, HasSubstr("@conv2.weight : tensor<32x16x3x3xf32> "
                                    "{initializer = #mpc.uniform<0.204124"));
  EXPECT_THAT(model.text, HasSubstr("@logits.weight : tensor<10x128xf32> "
                                    "{initializer = #mpc.uniform<0.216506"));
  EXPECT_THAT(model.text, HasSubstr("@logits.bias : tensor<10xf32> "
                                    "{initializer = #mpc.fill<0.0"));
}

// Every ```json block of docs/json-model.md is a whole model.
TEST(JsonModel, TheModelsOfThePageImport) {
  std::string page = fileText("docs/json-model.md");
  int count = 0;
  for (size_t at = page.find("```json\n"); at != std::string::npos;
       at = page.find("```json\n", at + 1)) {
    size_t begin = at + 8;
    importText(page.substr(begin, page.find("```", begin) - begin));
    ++count;
  }
  EXPECT_GE(count, 4);
}

TEST(JsonModel, InitializersAndNormalisationReachTheState) {
  std::string text = importText(R"({
    "inputs": {"x": [2, 3, 4, 4]},
    "layers": [
      {"op": "BatchNormalization", "name": "n", "momentum": 0.8,
       "initializer": {"scale": {"fill": 0.5}, "bias": {"normal": 0.25}}},
      {"op": "Conv", "filters": 1, "kernel": 4, "bias": false,
       "initializer": {"weight": {"uniform": 0.125}}}
    ]})");
  EXPECT_THAT(text, HasSubstr("@n.scale : tensor<3xf32> {initializer = "
                              "#mpc.fill<5.0"));
  EXPECT_THAT(text, HasSubstr("@n.bias : tensor<3xf32> {initializer = "
                              "#mpc.normal<2.5"));
  EXPECT_THAT(text, testing::ContainsRegex(
                        "@n.running_var : tensor<3xf32> .initializer = "
                        "#mpc.fill<1.0[^\n]*role<statistic>"));
  EXPECT_THAT(text, HasSubstr("#mpc.uniform<1.25"));
  EXPECT_THAT(text, HasSubstr("momentum = 8.000000e-01 : f32"));
}

TEST(JsonModel, EveryProblemNamesItsLayerAndLine) {
  EXPECT_EQ(problemsOf(R"({
  "inputs": {"x": ["batch", 1, 8, 8]},
  "layers": [
    {"op": "conv", "kernel": 3, "pads": 1},
    {"op": "Dense", "units": 10},
    {"op": "rleu"},
    {"op": "Gemm", "units": 0},
    {"op": "max_pool", "name": "pool",
     "kernel": "big", "colour": 1}
  ],
  "output": "gemm1"
})"),
            "m.json:11: key 'output' is unknown; write 'outputs'\n"
            "m.json:4: layer 'conv1' (conv): key 'pads' is unknown; write "
            "'pad'\n"
            "m.json:4: layer 'conv1' (conv): needs 'filters', a whole number "
            "of at least 1; write for example \"filters\": 1\n"
            "m.json:5: layer 'dense1' (Dense): this op is unknown; write "
            "\"dense\"\n"
            "m.json:6: layer 'rleu1' (rleu): this op is unknown; write "
            "\"relu\"\n"
            "m.json:7: layer 'gemm1' (Gemm): 'units' is 0, expected a whole "
            "number of at least 1; write for example \"units\": 1\n"
            "m.json:9: layer 'pool' (max_pool): key 'colour' is unknown; use "
            "op, name, input, inputs, outputs, kernel, stride, pad, dilation, "
            "ceil_mode\n"
            "m.json:9: layer 'pool' (max_pool): 'kernel' is \"big\", expected "
            "a whole number of at least 1, or a list of one or two such "
            "numbers; write for example \"kernel\": [3, 3]\n");
}

// The one layer's problems, without its place.
std::string layerProblem(const std::string &members) {
  std::string text = problemsOf(
      R"({"inputs": {"x": [2, 3, 8, 8]}, "layers": [{"name": "l", )" + members +
      "}]}");
  size_t at = text.find("): ");
  return at == std::string::npos ? text : text.substr(at + 3);
}

TEST(JsonModel, WordsOfOtherFrameworksAreUnderstood) {
  EXPECT_EQ(layerProblem(R"("op": "conv", "out_channels": 2, "kernel": 3,
                            "filters": 2)"),
            "key 'out_channels' is unknown; write 'filters'\n");
  EXPECT_EQ(layerProblem(R"("op": "conv", "filters": 2, "kernel": 3,
                            "padding": 1)"),
            "key 'padding' is unknown; write 'pad'\n");
  EXPECT_EQ(layerProblem(R"("op": "softmax", "dim": 1)"),
            "key 'dim' is unknown; write 'axis'\n");
  EXPECT_EQ(layerProblem(R"("op": "maxpool2d", "kernel": 2)"),
            "this op is unknown; write \"max_pool2d\"\n");
}

TEST(JsonModel, OnnxNodesSayWhereAttributesGo) {
  EXPECT_EQ(layerProblem(R"("op": "Foo", "alpha": 1)"),
            "key 'alpha' is unknown; put the ONNX operator's attributes into "
            "'attributes'\n");
  EXPECT_EQ(layerProblem(R"("op": "dense", "attributes": {})"),
            "'attributes' belong to ONNX's own operators; leave them out\n");
  EXPECT_EQ(layerProblem(R"("op": "conv", "attributes": {})"),
            "'attributes' belong to ONNX's own operators; write \"op\": "
            "\"Conv\"\n");
}

TEST(JsonModel, InputsThatDoNotFitAreRefused) {
  EXPECT_EQ(layerProblem(R"("op": "add", "inputs": ["x"])"),
            "has 1 input, expected 2; name them in 'inputs', layers or "
            "inputs\n");
  EXPECT_EQ(layerProblem(R"("op": "Gemm", "units": 2, "inputs": ["x", "w"])"),
            "has 2 inputs, expected 1; name them in 'inputs', layers or "
            "inputs; or write the ONNX node with all its operands and "
            "'attributes'\n");
  EXPECT_EQ(layerProblem(R"("op": "relu", "input": "x", "inputs": ["x"])"),
            "has 'input' and 'inputs'; keep one of them\n");
  EXPECT_EQ(problemsOf(R"({"inputs": {"image": [2]}, "layers": [
                          {"op": "relu", "input": "imgae"}]})"),
            "m.json:2: layer 'relu1' (Relu): reads 'imgae', which nothing "
            "defines; write 'image', or define it\n");
  EXPECT_THAT(layerProblem(R"("op": "add", "inputs": ["x", [1, [2]]])"),
              HasSubstr("an input has lists of different lengths; write the "
                        "name of a layer or input"));
  EXPECT_THAT(layerProblem(R"("op": "add", "inputs":
                              ["x", {"value": 0.5, "dtype": "int64"}])"),
              HasSubstr("has the element 0.5, which is no I64"));
  EXPECT_THAT(layerProblem(R"("op": "add", "inputs":
                      ["x", {"value": 1, "shape": [100000, 100000]}])"),
              HasSubstr("with at most 1048576 elements"));
}

TEST(JsonModel, WindowsThatDoNotFitAreRefused) {
  EXPECT_EQ(layerProblem(R"("op": "conv", "filters": 2, "kernel": [3, 3],
                            "stride": [2])"),
            "'stride' is [2], but the window has 2 dimensions; write one "
            "number or a list of two\n");
  EXPECT_EQ(layerProblem(R"("op": "conv1d", "filters": 2, "kernel": 3,
                            "pad": [1, 1, 1, 1])"),
            "'pad' is [1, 1, 1, 1], but the window has 1 dimension; write one "
            "number\n");
  EXPECT_EQ(layerProblem(R"("op": "conv_transpose", "filters": 3, "kernel": 3,
                            "groups": 2)"),
            "'groups' is 2, which does not divide 'filters' (3); write a "
            "divisor\n");
  EXPECT_EQ(layerProblem(R"("op": "split", "axis": 1)"),
            "needs 'outputs', a list of names; write for example \"outputs\": "
            "[\"first\", \"second\"]\n");
}

TEST(JsonModel, MisfitsNameTheLayerAndLine) {
  std::string json = R"({
  "inputs": {"x": [2, 1, 2, 2]},
  "layers": [
    {"op": "Conv", "name": "first", "filters": 1, "kernel": 3},
    {"op": "Gemm", "units": 10}
  ]})";
  Problems problems;
  auto graph = readJson(std::as_bytes(std::span(json.data(), json.size())),
                        "m.json", problems);
  Imported model(std::move(*graph));
  EXPECT_EQ(model.problems(),
            "model:4: layer 'first' (Conv): kernel 3x3 does not fit input "
            "2x2; correct the model\n");
}

TEST(JsonModel, BrokenSyntaxNamesTheLine) {
  EXPECT_THAT(problemsOf("{\n \"inputs\": {\"x\": [1]},\n \"layers\": [}\n}"),
              HasSubstr("m.json: line 3: is no JSON: syntax error"));
  EXPECT_THAT(problemsOf("{\"name\": 1,\n\"name\": 2}"),
              HasSubstr("line 2: key 'name' appears twice"));
  EXPECT_THAT(problemsOf(std::string(100, '[')),
              HasSubstr("nested deeper than 64"));
  EXPECT_THAT(problemsOf("[]"), HasSubstr("holds no JSON object"));
}

TEST(JsonModel, SchemaOfInputsWeightsAndConstants) {
  EXPECT_EQ(problemsOf(R"({
  "inputs": {"x": {"shape": [2, 3], "type": "int64"}, "y": [0]},
  "symbols": {"batch": 0},
  "weights": {"w": {"shape": [3], "init": 1}, "v": 3},
  "constants": {"c": "one"},
  "layers": [{"op": "relu"}],
  "outputs": ["rel1"]})"),
            "m.json:3: symbol 'batch' is 0, expected a whole number of at "
            "least 1; write for example \"batch\": 32\n"
            "m.json:2: input 'x' has a mistake: key 'type' is unknown; write "
            "'dtype'\n"
            "m.json:2: input 'y' has shape [0], expected a list of numbers of "
            "at least 1 and of symbols; write for example [\"batch\", 3]\n"
            "m.json:4: weight 'w' has a mistake: key 'init' is unknown; write "
            "'initializer'\n"
            "m.json:4: weight 'v' has shape 3, expected a list of numbers of "
            "at least 1; write for example [100, 16]\n"
            "m.json:5: constant 'c' has the element \"one\", which is no F32; "
            "write a name and a number, a list of numbers, or {\"value\": "
            "..., \"dtype\": \"int64\"}\n"
            "m.json:7: output \"rel1\" is no layer; name a layer, such as "
            "\"relu1\"\n");
}

TEST(JsonModel, DenseLayersWorkAtAnyRank) {
  std::string text = importText(R"({"inputs": {"x": [2, 5, 3]}, "layers": [
    {"op": "fc", "units": 4}]})");
  EXPECT_THAT(text, HasSubstr("@fc1.weight : tensor<4x3xf32> {initializer = "
                              "#mpc.uniform<1.41421"));
  EXPECT_THAT(text, HasSubstr("@fc1.bias : tensor<4xf32>"));
  EXPECT_THAT(text, HasSubstr("-> (tensor<2x5x4xf32> {mpc.name = \"fc1\"})"));
}

TEST(JsonModel, WholeNumbersMayBeFloatAttributes) {
  std::string text = importText(R"({"inputs": {"x": [2, 3]},
    "weights": {"w": [3, 4]}, "layers": [
    {"op": "Gemm", "inputs": ["x", "w"], "attributes": {"alpha": 2}}]})");
  EXPECT_THAT(text, HasSubstr("alpha = 2.000000e+00 : f32"));
}

TEST(JsonModel, UnknownInputsAndRepeatedNamesAreRefused) {
  EXPECT_EQ(problemsOf(R"({"inputs": {"x": [2, 3]}, "layers": [
    {"op": "Relu", "name": "a", "input": "y"},
    {"op": "Neg", "name": "a", "input": "x"}]})"),
            "m.json:3: layer 'a#2' (Neg): value 'a' is defined twice; give "
            "every value one producer\n"
            "m.json:2: layer 'a' (Relu): reads 'y', which nothing defines; "
            "name an input, an initialiser or another node's output\n");
}

TEST(JsonModel, TruncationNeverCrashes) {
  std::string text = fileText("examples/digits/model.json");
  for (size_t size = 0; size + 2 < text.size(); size += 7)
    EXPECT_NE(problemsOf(text.substr(0, size)), "") << size;
}

} // namespace
