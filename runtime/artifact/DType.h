// The element types of the container, one table for all who read or write it.
#ifndef MPC_RUNTIME_ARTIFACT_DTYPE_H
#define MPC_RUNTIME_ARTIFACT_DTYPE_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mpcrt {

/// Element types of safetensors that fill whole bytes. The first eight, in the
/// order of `mpcrt_dtype`, may appear in a manifest; the others only in weight
/// files of other tools.
enum class DType {
  F32,
  F16,
  BF16,
  I64,
  I32,
  U8,
  Bool,
  I8,
  F64,
  I16,
  U16,
  U32,
  U64,
  F8E4M3,
  F8E5M2,
};

/// Bytes of one element.
size_t byteWidth(DType type);
/// The name in files, e.g. "BF16".
std::string_view dtypeName(DType type);
/// The type of that name, or nothing.
std::optional<DType> dtypeFromName(std::string_view name);
/// True for the types that a program may hold.
bool isProgramDType(DType type);

/// Number of elements of `shape`, or nothing if an extent is negative or the
/// product exceeds 2^63 - 1. The empty shape is a scalar.
std::optional<int64_t> elementCount(std::span<const int64_t> shape);
/// Bytes of a dense tensor, or nothing if the count does not fit.
std::optional<uint64_t> tensorBytes(DType type, std::span<const int64_t> shape);
/// "64x1x3x3"; "scalar" for the empty shape.
std::string shapeText(std::span<const int64_t> shape);
/// "F32 64x1x3x3".
std::string typeText(DType type, std::span<const int64_t> shape);

} // namespace mpcrt

#endif // MPC_RUNTIME_ARTIFACT_DTYPE_H
