// The JSON model format: docs/json-model.md.
#ifndef MPC_FRONTEND_MODEL_JSONREADER_H
#define MPC_FRONTEND_MODEL_JSONREADER_H

#include "frontend/model/Graph.h"

#include <span>

namespace mpc::frontend {

/// Reads a JSON model from `file`, the bytes of the file at `path`. Everything
/// that is wrong is reported, with layer and line, and then there is no graph.
std::optional<Graph> readJson(std::span<const std::byte> file,
                              const std::string &path, Problems &problems);

} // namespace mpc::frontend

#endif
