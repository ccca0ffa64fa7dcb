#include "frontend/model/OnnxTensor.h"
#include "frontend/model/Wire.h"
#include "onnx/onnx.pb.h"

#include <bit>
#include <charconv>
#include <cstring>

// Elements are copied as they lie in memory, and the file's are little-endian.
static_assert(std::endian::native == std::endian::little);

namespace mpc::frontend {
namespace {

using mpcrt::Code;
using mpcrt::DType;
using mpcrt::Result;
using mpcrt::Status;

// Field numbers of TensorProto that hold elements.
constexpr uint32_t rawDataField = 9;
bool isTypedField(uint32_t number) {
  return (number >= 4 && number <= 7) || number == 10 || number == 11;
}

Status invalid(const Tensor &tensor, const std::string &message) {
  return {Code::InvalidData, "tensor '" + tensor.name + "' " + message +
                                 "; export the model again"};
}

template <typename Element, typename Field>
std::vector<std::byte> pack(const Field &field) {
  std::vector<std::byte> bytes(sizeof(Element) * field.size());
  for (int i = 0; i < field.size(); ++i) {
    auto element = static_cast<Element>(field.Get(i));
    std::memcpy(bytes.data() + sizeof(Element) * i, &element, sizeof(Element));
  }
  return bytes;
}

// Which field holds which type: onnx.proto, TensorProto.
std::vector<std::byte> packTyped(const onnx::TensorProto &proto, DType dtype) {
  switch (dtype) {
  case DType::F32:
    return pack<float>(proto.float_data());
  case DType::F64:
    return pack<double>(proto.double_data());
  case DType::I64:
    return pack<int64_t>(proto.int64_data());
  case DType::I32:
    return pack<int32_t>(proto.int32_data());
  case DType::F16:
  case DType::BF16:
  case DType::I16:
  case DType::U16:
    return pack<uint16_t>(proto.int32_data());
  case DType::I8:
  case DType::U8:
  case DType::Bool:
  case DType::F8E4M3:
  case DType::F8E5M2:
    return pack<uint8_t>(proto.int32_data());
  case DType::U32:
    return pack<uint32_t>(proto.uint64_data());
  case DType::U64:
    return pack<uint64_t>(proto.uint64_data());
  }
  return {};
}

Status readExternal(const onnx::TensorProto &proto, Tensor &tensor) {
  tensor.bytes.place = TensorBytes::Place::External;
  tensor.bytes.length = byteSize(tensor).value_or(0);
  for (const auto &entry : proto.external_data()) {
    if (entry.key() == "location") {
      tensor.bytes.file = entry.value();
      continue;
    }
    if (entry.key() != "offset" && entry.key() != "length")
      continue;
    uint64_t number = 0;
    const std::string &text = entry.value();
    auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
      return invalid(tensor, "has external " + entry.key() + " '" + text +
                                 "'; expected a number of bytes");
    (entry.key() == "offset" ? tensor.bytes.offset : tensor.bytes.length) =
        number;
  }
  if (tensor.bytes.file.empty())
    return invalid(tensor, "has external data without a location");
  if (auto wanted = byteSize(tensor); wanted && *wanted != tensor.bytes.length)
    return invalid(tensor, "needs " + std::to_string(*wanted) +
                               " bytes, but its external length is " +
                               std::to_string(tensor.bytes.length));
  return {};
}

} // namespace

std::optional<DType> dtypeFromOnnx(int64_t dataType) {
  switch (dataType) {
  case onnx::TensorProto::FLOAT:
    return DType::F32;
  case onnx::TensorProto::UINT8:
    return DType::U8;
  case onnx::TensorProto::INT8:
    return DType::I8;
  case onnx::TensorProto::UINT16:
    return DType::U16;
  case onnx::TensorProto::INT16:
    return DType::I16;
  case onnx::TensorProto::INT32:
    return DType::I32;
  case onnx::TensorProto::INT64:
    return DType::I64;
  case onnx::TensorProto::BOOL:
    return DType::Bool;
  case onnx::TensorProto::FLOAT16:
    return DType::F16;
  case onnx::TensorProto::DOUBLE:
    return DType::F64;
  case onnx::TensorProto::UINT32:
    return DType::U32;
  case onnx::TensorProto::UINT64:
    return DType::U64;
  case onnx::TensorProto::BFLOAT16:
    return DType::BF16;
  default:
    return std::nullopt;
  }
}

std::optional<uint64_t> byteSize(const Tensor &tensor) {
  if (!tensor.dtype)
    return std::nullopt;
  return mpcrt::tensorBytes(*tensor.dtype, tensor.shape);
}

Result<Tensor> scanTensor(std::span<const std::byte> message,
                          std::span<const std::byte> file) {
  Tensor tensor;
  std::string header;
  std::optional<std::span<const std::byte>> raw;
  bool isTyped = false;
  WireReader reader(message);
  for (WireField field; reader.next(field);) {
    if (field.number == rawDataField && field.isBytes)
      raw = field.payload;
    else if (isTypedField(field.number))
      isTyped = true;
    else
      header.append(reinterpret_cast<const char *>(field.whole.data()),
                    field.whole.size());
  }
  onnx::TensorProto proto;
  if (reader.damaged() || !proto.ParseFromString(header))
    return invalid(tensor, "is damaged");

  tensor.name = proto.name();
  tensor.dtype = dtypeFromOnnx(proto.data_type());
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  if (!mpcrt::elementCount(tensor.shape))
    return invalid(tensor, "has shape " + mpcrt::shapeText(tensor.shape) +
                               "; expected extents of at least 0");
  std::optional<uint64_t> wanted = byteSize(tensor);
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
    if (Status status = readExternal(proto, tensor); !status.ok())
      return status;
    return tensor;
  }
  if (raw) {
    tensor.bytes.place = TensorBytes::Place::Raw;
    tensor.bytes.offset = raw->data() - file.data();
    tensor.bytes.length = raw->size();
    if (wanted && *wanted != raw->size())
      return invalid(tensor, "needs " + std::to_string(*wanted) +
                                 " bytes, but the file holds " +
                                 std::to_string(raw->size()));
  } else if (isTyped || wanted == 0) {
    tensor.bytes.place = TensorBytes::Place::Typed;
    tensor.bytes.offset = message.data() - file.data();
    tensor.bytes.length = message.size();
  }
  if (tensor.bytes.place != TensorBytes::Place::None && wanted &&
      *wanted <= smallTensorBytes) {
    auto bytes = decodeTensor(message, tensor);
    if (!bytes.ok())
      return bytes.status();
    tensor.small = std::move(*bytes);
  }
  return tensor;
}

Result<std::vector<std::byte>> decodeTensor(std::span<const std::byte> message,
                                            const Tensor &tensor) {
  if (!tensor.dtype)
    return invalid(tensor, "has an element type that cannot be read");
  onnx::TensorProto proto;
  if (message.size() > INT32_MAX ||
      !proto.ParseFromArray(message.data(), static_cast<int>(message.size())))
    return invalid(tensor, "is damaged");
  std::vector<std::byte> bytes;
  if (proto.has_raw_data()) {
    bytes.resize(proto.raw_data().size());
    if (!bytes.empty())
      std::memcpy(bytes.data(), proto.raw_data().data(), bytes.size());
  } else {
    bytes = packTyped(proto, *tensor.dtype);
  }
  uint64_t wanted = byteSize(tensor).value_or(0);
  if (bytes.size() != wanted)
    return invalid(tensor, "needs " + std::to_string(wanted) +
                               " bytes, but the file holds " +
                               std::to_string(bytes.size()));
  return bytes;
}

} // namespace mpc::frontend
