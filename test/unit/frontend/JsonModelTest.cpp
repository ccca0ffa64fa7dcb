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
  EXPECT_EQ(count, 2);
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
    {"op": "Conv", "kernel": 3, "pads": 1},
    {"op": "Dense", "units": 10},
    {"op": "Gemm", "units": 0},
    {"op": "MaxPool",
     "kernel": "big"}
  ],
  "output": "gemm1"
})"),
            "m.json:10: key 'output' is unknown; a model has name, symbols, "
            "inputs, layers and outputs\n"
            "m.json:4: layer 'conv1' (Conv): key 'pads' is unknown; use op, "
            "name, input, inputs, filters, kernel, stride, pad, dilation, "
            "bias, initializer\n"
            "m.json:4: layer 'conv1' (Conv): needs 'filters'; write a whole "
            "number of at least 1\n"
            "m.json:5: layer 'dense1' (Dense): this op is unknown; write "
            "\"Gemm\"\n"
            "m.json:6: layer 'gemm1' (Gemm): has a bad 'units'; write a whole "
            "number of at least 1\n"
            "m.json:8: layer 'maxpool1' (MaxPool): has a bad 'kernel'; write a "
            "whole number of at least 1\n");
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
            "model:4: layer 'first' (Conv): weight 1x1x3x3 does not fit input "
            "2x1x2x2; correct the model\n");
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

TEST(JsonModel, UnknownInputsAndRepeatedNamesAreRefused) {
  EXPECT_EQ(problemsOf(R"({"inputs": {"x": [2, 3]}, "layers": [
    {"op": "Relu", "name": "a", "input": "y"},
    {"op": "Add", "name": "a", "input": "x"}]})"),
            "m.json:3: layer 'a' (Add): has 1 inputs; name 2 layers or inputs "
            "in 'inputs'\n");
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
