// Checks a document against one of the published schemas.
#ifndef MPC_TEST_UNIT_TRAIN_SCHEMA_H
#define MPC_TEST_UNIT_TRAIN_SCHEMA_H

#include "test/unit/train/TempDir.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

/// Whether the JSON text fits docs/schemas/NAME.schema.json.
inline bool fitsSchema(const std::string &document, const std::string &name) {
  nlohmann::json schemaText = nlohmann::json::parse(
      readAll(MPC_SOURCE_DIR "/docs/schemas/" + name + ".schema.json"));
  nlohmann::json value = nlohmann::json::parse(document);
  valijson::Schema schema;
  valijson::SchemaParser parser;
  valijson::adapters::NlohmannJsonAdapter schemaAdapter(schemaText);
  parser.populateSchema(schemaAdapter, schema);
  valijson::Validator validator;
  return validator.validate(
      schema, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
}

#endif
