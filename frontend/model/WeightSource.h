// The bytes behind `#mpc.file<path, tensor>`, read when the artifact is
// written.
#ifndef MPC_FRONTEND_MODEL_WEIGHTSOURCE_H
#define MPC_FRONTEND_MODEL_WEIGHTSOURCE_H

#include "frontend/model/FileMap.h"
#include "frontend/model/Graph.h"

namespace mpc::frontend {

/// The tensors of one model file.
class WeightSource {
public:
  /// Opens an ONNX model. Code::File if it is absent, Code::InvalidData if it
  /// is no model.
  static mpcrt::Result<WeightSource> open(const std::string &path);

  /// The tensor of that name, or null.
  const Tensor *find(const std::string &tensor) const;

  /// Copies the elements of `tensor`, little-endian, in its own type and
  /// row-major order, to `out`, whose size must be the tensor's. Fails with
  /// Code::InvalidData if there is no such tensor, or if it has no bytes or too
  /// few, naming what was wanted and found.
  mpcrt::Status copy(const std::string &tensor, std::span<std::byte> out) const;

private:
  WeightSource(FileMap file, Graph graph);

  FileMap file;
  Graph graph;
  std::map<std::string, size_t> indices;
};

} // namespace mpc::frontend

#endif
