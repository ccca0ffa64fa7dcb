#include "Models.h"
#include "compiler/analysis/PrecisionReport.h"
#include "compiler/dialect/Dialect.h"
#include <fstream>
#include <gtest/gtest.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

using namespace mpc;
using nlohmann::json;

namespace {

json reportOf(size_t model, Setting setting = {}) {
  std::string error;
  auto module = compile(modelTexts()[model], setting, error);
  EXPECT_TRUE(module) << error;
  return module ? precisionReport(*module) : json();
}

json findOp(const json &report, std::string node, std::string direction,
            std::string ir) {
  for (const json &op : report["ops"])
    if (op["node"] == json{node} && op["direction"] == direction &&
        op["ir"] == ir)
      return op;
  ADD_FAILURE() << "no " << ir << " of " << node;
  return json();
}

std::string schemaError(const json &report) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  std::ifstream file(MPC_SOURCE_DIR "/docs/schemas/explain.schema.json");
  json document = json::parse(file, nullptr, /*allow_exceptions=*/false);
  EXPECT_TRUE(document.is_object());
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(Adapter(document), schema);
  valijson::ValidationResults results;
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  if (validator.validate(schema, Adapter(report), &results))
    return "";
  valijson::ValidationResults::Error error;
  std::string text = "invalid";
  while (results.popError(error))
    text += "; " + error.description;
  return text;
}

TEST(Report, SaysWhyInBothDirections) {
  json report = reportOf(0);
  EXPECT_EQ(report["entry"], "train_step");
  json forward = findOp(report, "fc1", "forward", "mpc.gemm");
  EXPECT_EQ(forward["op"], "Gemm");
  EXPECT_EQ(forward["class"], "allow");
  EXPECT_EQ(forward["origin"], "default 1 (f16)");
  EXPECT_EQ(forward["accumulation"], "f32");
  EXPECT_EQ(forward["reads"][1]["type"], "f16");
  EXPECT_EQ(forward["inputs"], json({"x", "@w1.f16", "@b1.f16"}));
  EXPECT_EQ(forward["stores"][0]["type"], "f16");
  EXPECT_EQ(forward["stores"][0]["bytes"], 2 * 5 * 2);
  json backward = findOp(report, "relu", "backward", "mpc.relu_grad");
  EXPECT_EQ(backward["op"], "Relu");
  EXPECT_EQ(backward["reads"][0]["type"], "f16");
}

TEST(Report, ChargesACastToItsFirstReader) {
  json report = reportOf(0);
  json forward = findOp(report, "fc1", "forward", "mpc.gemm");
  ASSERT_EQ(forward["casts"].size(), 1u);
  json paid = report["casts"][forward["casts"][0].get<size_t>()];
  EXPECT_EQ(paid["of"], "x");
  EXPECT_EQ(paid["from"], "f32");
  EXPECT_EQ(paid["to"], "f16");
  EXPECT_EQ(paid["bytes"], 2 * 3 * (4 + 2));
  // The derivative reads the same narrow input.
  size_t paidFor = 0;
  for (const json &cast : report["casts"])
    paidFor += cast["of"] == "x";
  EXPECT_EQ(paidFor, 1u);
}

TEST(Report, ListsTheNarrowCopies) {
  json report = reportOf(0);
  ASSERT_EQ(report["copies"].size(), 3u);
  EXPECT_EQ(report["copies"][0], json({{"name", "w1.f16"},
                                       {"of", "w1"},
                                       {"type", "f16"},
                                       {"bytes", 5 * 3 * 2}}));
}

TEST(Report, SavesNothingInF32) {
  json report = reportOf(1, {"fp32", "default", {}});
  EXPECT_EQ(report["totals"]["casts"], 0);
  EXPECT_EQ(report["totals"]["bytes_saved"], 0);
  EXPECT_EQ(report["totals"]["ops"]["f16"], 0);
  EXPECT_EQ(report["copies"].size(), 0u);
}

TEST(Report, FollowsItsSchema) {
  for (size_t model = 0; model < modelTexts().size(); ++model)
    for (const char *format : {"fp16", "bf16", "fp32"})
      EXPECT_EQ(schemaError(reportOf(model, {format, "default", {}})), "");
  json broken = reportOf(0);
  broken["ops"][0]["class"] = "perhaps";
  EXPECT_NE(schemaError(broken), "");
}

TEST(Report, PrintsATableWithALinePerOp) {
  json report = reportOf(0);
  std::string table;
  llvm::raw_string_ostream os(table);
  printReport(report, os);
  EXPECT_NE(table.find("fc1                      Gemm                 forward "
                       "  allow  f16, f16, f16          f16                1  "
                       "a sum of products on matrix units, accumulated in f32 "
                       "(default 1 (f16))\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("narrow copy: @w1.f16, 30 bytes\n"), std::string::npos);
  // Head, ops, an empty line, totals, casts, copies and savings.
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'),
            int64_t(report["ops"].size()) + 1 + 1 + 2 + 3 + 1);
}

TEST(Report, PrintsAGraphColouredByPrecision) {
  json report = reportOf(0);
  std::string dot;
  llvm::raw_string_ostream os(dot);
  printDot(report, os);
  EXPECT_EQ(dot.find("digraph precision {"), 0u);
  auto has = [&](const char *text) {
    return dot.find(text) != std::string::npos;
  };
  EXPECT_TRUE(has(R"([label="fc1\nGemm forward\nf16", fillcolor="#9ecae1")"))
      << dot;
  EXPECT_TRUE(
      has(R"([label="loss\nCrossEntropy forward\nf32", fillcolor="#fdd0a2")"))
      << dot;
  EXPECT_TRUE(has(R"("@w1.f16" -> box)")) << dot;
  // The loss reads the f16 logits in f32; the input is f32 and read in f16.
  EXPECT_TRUE(has(R"([label="f32", weight=9, color=red])")) << dot;
  EXPECT_TRUE(has(R"("x" -> box0 [label="f16", color=red])")) << dot;
}

TEST(Report, DrawsABoxPerNodeAndDirection) {
  json report = reportOf(0);
  std::string dot;
  llvm::raw_string_ostream os(dot);
  printDot(report, os);
  // The gradients of both operands and of the bias are three ops.
  llvm::StringRef rest = dot;
  EXPECT_EQ(rest.count(R"([label="fc2\nGemm backward)"), 1u) << dot;
  // What belongs to no node is left out.
  EXPECT_EQ(rest.count("LossScale"), 0u) << dot;
}

} // namespace
