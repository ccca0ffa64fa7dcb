// The published schema is what the table of layers says, and the reader accepts
// and refuses the same models.
#include "frontend/model/JsonLayers.h"
#include "frontend/model/JsonReader.h"
#include "frontend/model/JsonSchema.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

using namespace mpc::frontend;
using testing::HasSubstr;
using testing::Not;

namespace {

constexpr const char *schemaPath = "docs/schemas/json-model.schema.json";

std::string fileText(const std::string &path) {
  std::ifstream file(std::string(MPC_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool schemaAccepts(const std::string &text) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  static const nlohmann::json document =
      nlohmann::json::parse(fileText(schemaPath));
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(Adapter(document), schema);
  nlohmann::json model = nlohmann::json::parse(text);
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  return validator.validate(schema, Adapter(model), nullptr);
}

std::string problemsOf(const std::string &text) {
  Problems problems;
  readJson(std::as_bytes(std::span(text.data(), text.size())), "m.json",
           problems);
  std::string lines;
  for (const Problem &problem : problems)
    lines += toText(problem, "m.json") + "\n";
  return lines;
}

// The reader must not leave it to the schema to find a mistake.
void expectBoth(const std::string &text, bool accepted) {
  EXPECT_EQ(schemaAccepts(text), accepted) << "schema: " << text;
  std::string problems = problemsOf(text);
  EXPECT_EQ(problems.empty(), accepted) << "reader: " << text << problems;
  EXPECT_THAT(problems, Not(HasSubstr("does not allow"))) << text;
}

// A model of the one layer given.
std::string layer(const std::string &members) {
  return R"({"inputs": {"x": [2, 3, 4, 4]}, "layers": [{)" + members + "}]}";
}

// MPC_WRITE_SCHEMA=1 writes the file instead.
TEST(JsonSchema, ThePublishedFileIsWhatTheTableSays) {
  std::string schema = jsonModelSchema();
  if (std::getenv("MPC_WRITE_SCHEMA"))
    std::ofstream(std::string(MPC_SOURCE_DIR) + "/" + schemaPath) << schema;
  EXPECT_EQ(fileText(schemaPath), schema)
      << "run this test with MPC_WRITE_SCHEMA=1 to write the file anew";
}

TEST(JsonSchema, ExamplesAreAccepted) {
  for (const char *name : {"digits", "dense", "mlp64", "cnn"})
    expectBoth(fileText(std::string("examples/") + name + "/model.json"), true);
}

TEST(JsonSchema, ThePagesModelsAreAccepted) {
  std::string page = fileText("docs/json-model.md");
  for (size_t at = page.find("```json\n"); at != std::string::npos;
       at = page.find("```json\n", at + 1))
    expectBoth(page.substr(at + 8, page.find("```", at + 8) - at - 8), true);
}

TEST(JsonSchema, ThePageNamesEveryLayerAndKey) {
  std::string page = fileText("docs/json-model.md");
  for (const JsonLayerKind &kind : jsonLayerKinds()) {
    EXPECT_THAT(page, HasSubstr("`" + kind.names[0] + "`"));
    for (const JsonKey &key : kind.keys)
      EXPECT_THAT(page, HasSubstr("`" + key.name + "`"));
  }
}

// Every kind with every key, under every name.
TEST(JsonSchema, EveryKindOfLayerIsAccepted) {
  for (const JsonLayerKind &kind : jsonLayerKinds())
    for (const std::string &name : namesOf(kind)) {
      std::string members = R"("op": ")" + name + R"(", "name": "layer")";
      if (kind.most > 0) {
        members += R"(, "inputs": ["x")";
        for (int i = 1; i < kind.least; ++i)
          members += R"(, "x")";
        members += "]";
      }
      for (const JsonKey &key : kind.keys)
        members +=
            ", \"" + key.name + "\": " +
            (key.type == JsonKey::Type::Window || key.type == JsonKey::Type::Pad
                 ? "1"
                 : exampleOf(key));
      for (const std::string &weight : kind.weights)
        members +=
            (weight == kind.weights[0] ? ", \"initializer\": {\"" : ", \"") +
            weight + "\": {\"fill\": 0.5}";
      members += kind.weights.empty() ? "" : "}";
      members += kind.outputs > 1 ? R"(, "outputs": ["a", "b"])" : "";
      expectBoth(layer(members), true);
    }
}

// What fits a key and what its message expects go together.
TEST(JsonSchema, TheExampleOfEveryKeyFits) {
  for (const JsonLayerKind &kind : jsonLayerKinds())
    for (const JsonKey &key : kind.keys) {
      std::string example = exampleOf(key);
      auto json = parseJson(std::as_bytes(std::span(example)));
      ASSERT_TRUE(json.ok()) << example;
      EXPECT_TRUE(fits(key, *json)) << kind.names[0] << " " << key.name;
    }
}

TEST(JsonSchema, FormsOfLayersAreAccepted) {
  for (const char *members :
       {R"("op": "Conv", "filters": 1, "kernel": [3, 2], "pad": [1, 2],
           "stride": 2, "dilation": 1, "bias": true)",
        R"("op": "Conv", "filters": 1, "kernel": 3, "pad": [1, 2, 3, 4])",
        R"("op": "Conv", "filters": 1, "kernel": 3, "pad": "same")",
        R"("op": "Gemm", "units": 2, "initializer":
           {"weight": "kaiming_uniform", "bias": {"uniform": 0.5}})",
        R"("op": "BatchNormalization", "epsilon": 1e-3, "momentum": 1,
           "initializer": {"running_mean": {"fill": -1}})",
        R"("op": "MaxPool", "kernel": 2)",
        R"("op": "AveragePool", "kernel": 2, "count_include_pad": true)",
        R"("op": "Flatten", "axis": -1)",
        R"("op": "Reshape", "shape": [0, -1])",
        R"("op": "Transpose", "perm": [3, 2, 1, 0])",
        R"("op": "Cast", "to": "bf16")",
        R"("op": "Relu", "input": "x")",
        R"("op": "Neg", "inputs": ["x"])",
        R"("op": "Sqrt")",
        R"("op": "Identity")",
        R"("op": "GlobalAveragePool", "name": "p")",
        R"("op": "Add", "inputs": ["x", "x"])",
        R"("op": "Sub", "inputs": ["x", "x"])",
        R"("op": "Mul", "inputs": ["x", "x"])",
        R"("op": "Div", "inputs": ["x", "x"])",
        R"("op": "conv", "filters": 1, "kernel": [3], "pad": [1, 2])",
        R"("op": "conv1d", "filters": 1, "kernel": 3, "groups": 3)",
        R"("op": "add", "inputs": ["x", 2.5])",
        R"("op": "add", "inputs": [[[1, 2], [3, 4]], "x"])",
        R"("op": "equal", "inputs": ["x", {"value": [1, -2], "dtype":
           "int64"}])",
        R"("op": "where", "inputs": [{"value": true, "dtype": "bool",
           "shape": [4, 4]}, "x", 0])",
        R"("op": "max", "inputs": ["x", 0, 1, 2])",
        R"("op": "range", "limit": 4)",
        R"("op": "split", "axis": 1, "sizes": [1, 2], "outputs": ["a", "b"])",
        R"("op": "Softmax", "attributes": {"axis": 1})",
        R"("op": "Resize", "inputs": ["x", "", [1, 1, 2, 2]], "outputs":
           ["y"], "attributes": {"mode": "nearest", "axes": [1, 2], "f": 0.5,
           "flag": true, "texts": ["a", "b"], "floats": [0.5, 1]})"})
    expectBoth(layer(members), true);
}

// What only the schema refuses is placed too.
TEST(JsonSchema, ProblemsNameTheLayerAndTheLine) {
  std::string text = R"({
  "inputs": {"x": [2, 3]},
  "layers": [
    {"op": "relu"},
    {"op": "softmax", "name": "s",
     "axis": "last"}
  ]})";
  auto bytes = std::as_bytes(std::span(text));
  auto root = parseJson(bytes);
  ASSERT_TRUE(root.ok());
  Problems problems;
  checkJsonSchema(bytes, *root, problems);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(toText(problems[0], "m.json"),
            "m.json:6: layer 's' (softmax): "
            "docs/schemas/json-model.schema.json does not allow \"last\": "
            "Value type not permitted by 'type' constraint.; see "
            "docs/json-model.md");
}

TEST(JsonSchema, FormsOfModelsAreAccepted) {
  expectBoth(R"({"$schema": "s", "name": "n", "symbols": {"b": 2},
    "inputs": {"x": ["b", 3], "i": {"shape": [], "dtype": "int64"}},
    "weights": {"w": [3, 4], "v": {"shape": [4], "initializer": {"fill": 0}}},
    "constants": {"c": 1, "d": {"value": [[1], [0]], "dtype": "bool"}},
    "layers": [{"op": "matmul", "inputs": ["x", "w"]},
               {"op": "add", "inputs": ["matmul1", "v"]}],
    "outputs": ["matmul1", "add1"]})",
             true);
}

TEST(JsonSchema, MistakesAreRefused) {
  for (const char *members :
       {R"("op": "Conv", "kernel": 3)",
        R"("op": "Conv", "filters": 1)",
        R"("op": "Conv", "filters": 1, "kernel": [3, 3, 3])",
        R"("op": "Conv", "filters": 1, "kernel": "3")",
        R"("op": "Conv", "filters": 1, "kernel": 3, "pad": -1)",
        R"("op": "Conv", "filters": 1, "kernel": 3, "pad": [1, 2, 3])",
        R"("op": "Conv", "filters": 1, "kernel": 3, "pad": "valid")",
        R"("op": "Conv", "filters": 1.5, "kernel": 3)",
        R"("op": "Gemm", "units": 0)",
        R"("op": "Gemm", "units": "10")",
        R"("op": "Gemm", "units": 2, "filters": 2)",
        R"("op": "Gemm", "units": 2, "bias": 1)",
        R"("op": "Gemm", "units": 2, "initializer": {"scale": {"fill": 0}})",
        R"("op": "Gemm", "units": 2, "initializer": {"bias": {"fill": "0"}})",
        R"("op": "Gemm", "units": 2, "initializer": {"bias": {"normal": 0}})",
        R"("op": "Gemm", "units": 2, "initializer": {"bias": "ones"})",
        R"("op": "Gemm", "units": 2, "initializer": 0)",
        R"("op": "Relu", "kernel": 2)",
        R"("op": "Relu", "inputs": ["x", "x"])",
        R"("op": "Relu", "input": "")",
        R"("op": "Relu", "name": "")",
        R"("op": "Relu", "initializer": {})",
        R"("op": "rleu")",
        R"("op": "gelu", "approximate": "erf")",
        R"("op": "softmax", "axis": 1.5)",
        R"("op": "clip", "min": "0")",
        R"("op": "reduce_sum", "axes": 1)",
        R"("op": "one_hot", "depth": 3, "values": ["a"])",
        R"("op": "relu", "attributes": {})",
        R"("op": "Relu", "attributes": {"a": null})",
        R"("op": "Relu", "attributes": {"a": [1, "b"]})",
        R"("op": "Relu", "attributes": 1)",
        R"("op": "Relu", "outputs": [])",
        R"("op": "Relu", "outputs": ["a", "b"])",
        R"("op": "Relu", "outputs": [1])",
        R"("op": "Relu", "inputs": "x")",
        R"("op": "add", "inputs": ["x", ""])",
        R"("op": "add", "inputs": ["x", {"value": 1, "dtype": "float16"}])",
        R"("op": "add", "inputs": ["x", {"dtype": "int64"}])",
        R"("op": "add", "inputs": ["x", {"value": 1, "size": 1}])",
        R"("op": "add", "inputs": ["x", null])",
        R"("op": "range")",
        R"("op": "Add")",
        R"("op": "Add", "inputs": ["x"])",
        R"("op": "Add", "input": "x")",
        R"("op": "Cast")",
        R"("op": "Cast", "to": "f64")",
        R"("op": "Reshape")",
        R"("op": "Reshape", "shape": [])",
        R"("op": "Flatten", "axis": "1")",
        R"("op": 1)",
        R"("name": "a")"})
    expectBoth(layer(members), false);
}

TEST(JsonSchema, MistakesAroundTheLayersAreRefused) {
  for (const char *text :
       {R"({})",
        R"({"inputs": {"x": [1]}})",
        R"({"inputs": {}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": [0]}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": [""]}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": 3}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": [1]}, "layers": []})",
        R"({"inputs": {"x": [1]}, "layers": [3]})",
        R"({"inputs": {"x": {"shape": [1], "dtype": "int65"}},
            "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": {"dtype": "int64"}}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}],
            "weights": {"w": [0]}})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}],
            "weights": {"w": {"shape": [1], "initializer": "one"}}})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}],
            "weights": {"w": {"shape": [1], "init": "one"}}})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}],
            "constants": {"c": "one"}})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}],
            "constants": 1})",
        R"({"inputs": {"": [1]}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}], "extra": 1})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}], "outputs": []})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}],
            "symbols": {"b": 0}})",
        R"({"name": 1, "inputs": {"x": [1]}, "layers": [{"op": "Relu"}]})",
        R"({"name": "", "inputs": {"x": [1]}, "layers": [{"op": "Relu"}]})"})
    expectBoth(text, false);
}

} // namespace
