#ifndef MPC_FRONTEND_MODEL_ONNXREADER_H
#define MPC_FRONTEND_MODEL_ONNXREADER_H

#include "frontend/model/Graph.h"

#include <span>

namespace mpc::frontend {

/// The opset versions of ONNX's default domain that are read.
inline constexpr int64_t oldestOpset = 1;
inline constexpr int64_t newestOpset = 21;
/// The IR version that came with the newest opset.
inline constexpr uint64_t newestIrVersion = 10;

/// Reads an ONNX model from `file`, the bytes of the file at `path`; external
/// data is looked for beside it. Weights are located, not read. Nothing, and a
/// problem, if the bytes are no ONNX model.
std::optional<Graph> readOnnx(std::span<const std::byte> file,
                              const std::string &path, Problems &problems);

} // namespace mpc::frontend

#endif
