// `mpc check`: all problems at once, and the published form of the report.
#include "compiler/pipeline/Check.h"
#include "test/unit/frontend/OnnxBytes.h"

#include <fstream>
#include <gtest/gtest.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

using namespace mpc;
using namespace mpc::frontend::test;
using nlohmann::json;

namespace {

bool fitsSchema(const json &report) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  std::ifstream file(MPC_SOURCE_DIR "/docs/schemas/check.schema.json");
  json document = json::parse(file, nullptr, /*allow_exceptions=*/false);
  EXPECT_TRUE(document.is_object());
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(Adapter(document), schema);
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  return validator.validate(schema, Adapter(report), nullptr);
}

json reportOf(const std::string &file, const std::string &bytes,
              const std::string &loss = "mse") {
  CompileOptions options;
  options.model = testing::TempDir() + file;
  options.loss = loss;
  std::ofstream(options.model, std::ios::binary) << bytes;
  json report = toJson(checkModel(options), options.model);
  EXPECT_TRUE(fitsSchema(report)) << report.dump(2);
  return report;
}

// An operator that is unknown before the weight, one behind it, and a sum whose
// shapes do not fit behind that.
std::string threeProblems() {
  Message weight = tensorProto("w", 1, {3});
  weight.bytes(9, asBytes<float>({1, 2, 3}));
  return modelProto(Message()
                        .bytes(1, nodeProto("Before", "first", {"x"}, {"a"}))
                        .bytes(1, nodeProto("Mul", "scale", {"a", "w"}, {"b"}))
                        .bytes(1, nodeProto("Behind", "second", {"b"}, {"c"}))
                        .bytes(1, nodeProto("Add", "sum", {"c", "v"}, {"y"}))
                        .bytes(5, weight)
                        .bytes(11, valueInfo("x", {2, 3}))
                        .bytes(11, valueInfo("v", {4}))
                        .bytes(12, valueInfo("y", {2, 3}))
                        .bytes(13, valueInfo("a", {2, 3}))
                        .bytes(13, valueInfo("c", {2, 3})));
}

} // namespace

TEST(Check, AModelThatCanBeTrainedHasNoProblems) {
  json report = reportOf("good.json", R"({"inputs": {"x": [2, 3]},
    "layers": [{"op": "fc", "units": 4}]})");
  EXPECT_EQ(report["exit_code"], 0);
  EXPECT_TRUE(report["problems"].empty());
}

TEST(Check, EveryNodeIsJudgedAtOnce) {
  json report = reportOf("three.onnx", threeProblems());
  EXPECT_EQ(report["exit_code"], 3);
  ASSERT_EQ(report["problems"].size(), 3u);
  json first = report["problems"][0], second = report["problems"][1],
       third = report["problems"][2];
  EXPECT_EQ(first["node"], "first");
  EXPECT_EQ(first["exit_code"], 4);
  EXPECT_EQ(first["on_gradient_path"], false);
  EXPECT_EQ(second["node"], "second");
  EXPECT_EQ(second["on_gradient_path"], true);
  EXPECT_EQ(third["node"], "sum");
  EXPECT_EQ(third["exit_code"], 3);
  for (const json &problem : report["problems"])
    EXPECT_NE(problem["next_action"], "");
}

TEST(Check, WhatPassesFindIsAProblemToo) {
  json report = reportOf("loss.json", R"({"inputs": {"x": [2, 3]},
    "layers": [{"op": "fc", "units": 4}]})",
                         "output");
  EXPECT_EQ(report["exit_code"], 3);
  ASSERT_EQ(report["problems"].size(), 1u);
  EXPECT_NE(report["problems"][0]["message"], "");
}

TEST(Check, ALayerOfAJsonModelHasALine) {
  json report = reportOf("line.json", R"({"inputs": {"x": [2, 3]},
    "layers": [
      {"op": "fc", "units": 4},
      {"op": "reshape", "shape": [5]}]})");
  EXPECT_EQ(report["exit_code"], 3);
  ASSERT_EQ(report["problems"].size(), 1u);
  EXPECT_EQ(report["problems"][0]["line"], 4);
}

TEST(Check, AFileThatIsAbsentIsAProblemOfTheModel) {
  CompileOptions options;
  options.model = testing::TempDir() + "absent.onnx";
  json report = toJson(checkModel(options), options.model);
  EXPECT_TRUE(fitsSchema(report));
  EXPECT_EQ(report["exit_code"], 5);
  EXPECT_EQ(report["problems"][0]["node"], "");
}
