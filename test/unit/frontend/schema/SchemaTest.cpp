// The published schema and the reader accept and refuse the same models.
#include "frontend/model/JsonReader.h"

#include "gtest/gtest.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

using namespace mpc::frontend;

namespace {

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
      nlohmann::json::parse(fileText("docs/schemas/json-model.schema.json"));
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(Adapter(document), schema);
  nlohmann::json model = nlohmann::json::parse(text);
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  return validator.validate(schema, Adapter(model), nullptr);
}

bool readerAccepts(const std::string &text) {
  Problems problems;
  return readJson(std::as_bytes(std::span(text.data(), text.size())), "m.json",
                  problems) &&
         problems.empty();
}

void expectBoth(const std::string &text, bool accepted) {
  EXPECT_EQ(schemaAccepts(text), accepted) << "schema: " << text;
  EXPECT_EQ(readerAccepts(text), accepted) << "reader: " << text;
}

// A model of the one layer given.
std::string layer(const std::string &members) {
  return R"({"inputs": {"x": [2, 3, 4, 4]}, "layers": [{)" + members + "}]}";
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

TEST(JsonSchema, EveryKindOfLayerIsAccepted) {
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
        R"("op": "Div", "inputs": ["x", "x"])"})
    expectBoth(layer(members), true);
}

TEST(JsonSchema, MistakesAreRefused) {
  for (const char *members :
       {R"("op": "Conv", "kernel": 3)",
        R"("op": "Conv", "filters": 1)",
        R"("op": "Conv", "filters": 1, "kernel": [3])",
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
        R"("op": "relu")",
        R"("op": "Dense", "units": 10)",
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
       {R"({})", R"({"inputs": {"x": [1]}})",
        R"({"inputs": {}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": [0]}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": [""]}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": 3}, "layers": [{"op": "Relu"}]})",
        R"({"inputs": {"x": [1]}, "layers": []})",
        R"({"inputs": {"x": [1]}, "layers": [3]})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}], "extra": 1})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}], "outputs": []})",
        R"({"inputs": {"x": [1]}, "layers": [{"op": "Relu"}],
            "symbols": {"b": 0}})",
        R"({"name": 1, "inputs": {"x": [1]}, "layers": [{"op": "Relu"}]})",
        R"({"name": "", "inputs": {"x": [1]}, "layers": [{"op": "Relu"}]})"})
    expectBoth(text, false);
}

} // namespace
