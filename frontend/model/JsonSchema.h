// The JSON Schema of JSON models, docs/schemas/json-model.schema.json. It is
// made from the table of layers.
#ifndef MPC_FRONTEND_MODEL_JSONSCHEMA_H
#define MPC_FRONTEND_MODEL_JSONSCHEMA_H

#include "frontend/model/Json.h"
#include "frontend/model/Problem.h"

#include <span>

namespace mpc::frontend {

/// The text of the schema.
std::string jsonModelSchema();

/// Validates a model against the schema; `root` is what `file` holds. Problems
/// name the line, and the layer if it lies in one.
void checkJsonSchema(std::span<const std::byte> file, const Json &root,
                     Problems &problems);

} // namespace mpc::frontend

#endif
