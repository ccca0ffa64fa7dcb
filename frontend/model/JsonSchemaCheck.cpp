// The border to valijson, which throws.
#include "frontend/model/JsonSchema.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace mpc::frontend {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;
using Error = valijson::ValidationResults::Error;

const valijson::Schema &parsedSchema() {
  static const valijson::Schema *schema = [] {
    static const auto text = nlohmann::json::parse(jsonModelSchema());
    auto *parsed = new valijson::Schema();
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(Adapter(text), *parsed);
    return parsed;
  }();
  return *schema;
}

// The steps of an error's path are "<root>", "[key]" and "[index]".
const Json *follow(const Json &json, const std::string &step) {
  std::string name = step.substr(1, step.size() - 2);
  if (json.isObject())
    return json.find(name);
  size_t index = std::strtoul(name.c_str(), nullptr, 10);
  return index < json.items.size() ? &json.items[index] : nullptr;
}

Problem problemOf(const Error &error, const Json &root) {
  const Json *at = &root;
  const Json *layer = nullptr;
  int line = root.line;
  for (size_t i = 1; at && i < error.context.size(); ++i) {
    at = follow(*at, error.context[i]);
    line = at ? at->line : line;
    if (i == 2 && error.context[1] == "[layers]")
      layer = at;
  }
  Problem problem = modelProblem(
      mpcrt::Code::InvalidData,
      "docs/schemas/json-model.schema.json does not allow " +
          (at ? shortText(*at) : "this") + ": " + error.description,
      "see docs/json-model.md");
  problem.line = line;
  for (auto [key, member] :
       {std::pair("name", &Problem::node), {"op", &Problem::opType}})
    if (const Json *text = layer ? layer->find(key) : nullptr)
      problem.*member = text->text;
  return problem;
}

} // namespace

void checkJsonSchema(std::span<const std::byte> file, const Json &root,
                     Problems &problems) {
  try {
    auto begin = reinterpret_cast<const char *>(file.data());
    auto model = nlohmann::json::parse(begin, begin + file.size(), nullptr,
                                       /*allow_exceptions=*/true,
                                       /*ignore_comments=*/true);
    valijson::ValidationResults results;
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    if (validator.validate(parsedSchema(), Adapter(model), &results))
      return;
    // The error with the longest path is nearest to its cause.
    Error error, deepest;
    while (results.popError(error))
      if (error.context.size() > deepest.context.size())
        deepest = error;
    problems.push_back(problemOf(deepest, root));
  } catch (const std::exception &error) {
    problems.push_back(modelProblem(
        mpcrt::Code::Internal,
        std::string("the model's schema cannot be applied: ") + error.what(),
        "report this as a bug, with the model"));
  }
}

} // namespace mpc::frontend
