#include "runtime/artifact/DType.h"

#include <array>
#include <limits>

namespace mpcrt {

namespace {
struct Row {
  std::string_view name;
  size_t bytes;
};
// In the order of DType.
constexpr std::array<Row, 15> table = {{
    {"F32", 4},
    {"F16", 2},
    {"BF16", 2},
    {"I64", 8},
    {"I32", 4},
    {"U8", 1},
    {"BOOL", 1},
    {"I8", 1},
    {"F64", 8},
    {"I16", 2},
    {"U16", 2},
    {"U32", 4},
    {"U64", 8},
    {"F8_E4M3", 1},
    {"F8_E5M2", 1},
}};
static_assert(table.size() == size_t(DType::F8E5M2) + 1);
} // namespace

size_t byteWidth(DType type) { return table[size_t(type)].bytes; }

std::string_view dtypeName(DType type) { return table[size_t(type)].name; }

std::optional<DType> dtypeFromName(std::string_view name) {
  for (size_t i = 0; i < table.size(); ++i)
    if (table[i].name == name)
      return DType(i);
  return std::nullopt;
}

bool isProgramDType(DType type) { return type <= DType::I8; }

std::optional<int64_t> elementCount(std::span<const int64_t> shape) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  // An extent of zero makes the product zero, but must not hide a negative one.
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0)
      return std::nullopt;
    if (extent != 0 && count > most / extent)
      return std::nullopt;
    count *= extent;
  }
  return count;
}

std::optional<uint64_t> tensorBytes(DType type,
                                    std::span<const int64_t> shape) {
  std::optional<int64_t> count = elementCount(shape);
  uint64_t width = byteWidth(type);
  if (!count ||
      uint64_t(*count) > uint64_t(std::numeric_limits<int64_t>::max()) / width)
    return std::nullopt;
  return uint64_t(*count) * width;
}

std::string shapeText(std::span<const int64_t> shape) {
  if (shape.empty())
    return "scalar";
  std::string text;
  for (int64_t extent : shape) {
    if (!text.empty())
      text += 'x';
    text += std::to_string(extent);
  }
  return text;
}

std::string typeText(DType type, std::span<const int64_t> shape) {
  return std::string(dtypeName(type)) + " " + shapeText(shape);
}

} // namespace mpcrt
