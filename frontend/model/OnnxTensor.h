// ONNX tensors: where their bytes lie, and the bytes themselves.
#ifndef MPC_FRONTEND_MODEL_ONNXTENSOR_H
#define MPC_FRONTEND_MODEL_ONNXTENSOR_H

#include "frontend/model/FileMap.h"
#include "frontend/model/Graph.h"

#include <span>

namespace mpc::frontend {

/// The element type of ONNX's TensorProto.DataType, or nothing for types that
/// no program can hold (strings, complex numbers).
std::optional<mpcrt::DType> dtypeFromOnnx(int64_t dataType);

/// Reads what `message`, a TensorProto that lies in `file`, says about a
/// tensor. Small tensors are decoded, others only located.
mpcrt::Result<Tensor> scanTensor(std::span<const std::byte> message,
                                 std::span<const std::byte> file);

/// Decodes the typed fields or raw data of a TensorProto to little-endian
/// elements. Code::InvalidData if their number does not fit `tensor`.
mpcrt::Result<std::vector<std::byte>>
decodeTensor(std::span<const std::byte> message, const Tensor &tensor);

/// Opens the external data named `location` beside the model at `modelPath`.
/// Nothing if the file is absent. Code::InvalidData for a location that leaves
/// the model's folder, or may: absolute, with "..", through a symbolic link, or
/// a file that has a second name.
mpcrt::Result<std::optional<FileMap>> openExternal(const std::string &modelPath,
                                                   const std::string &location);

/// Checks that the tensor's bytes lie in its external file of `found` bytes.
mpcrt::Status checkExternal(const Tensor &tensor, uint64_t found);

/// Bytes of the tensor's elements, or nothing if type or shape is unknown.
std::optional<uint64_t> byteSize(const Tensor &tensor);

} // namespace mpc::frontend

#endif
