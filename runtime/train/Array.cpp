#include "runtime/train/Array.h"

namespace mpcrt::train {

size_t elementBytes(Element element) {
  switch (element) {
  case Element::F2:
    return 2;
  case Element::F4:
  case Element::I4:
    return 4;
  case Element::F8:
  case Element::I8:
    return 8;
  case Element::U1:
  case Element::B1:
  case Element::I1:
    return 1;
  }
  return 0;
}

const char *elementName(Element element) {
  switch (element) {
  case Element::F2:
    return "float16";
  case Element::F4:
    return "float32";
  case Element::F8:
    return "float64";
  case Element::I4:
    return "int32";
  case Element::I8:
    return "int64";
  case Element::U1:
    return "uint8";
  case Element::B1:
    return "bool";
  case Element::I1:
    return "int8";
  }
  return "";
}

const char *dtypeName(mpcrt_dtype dtype) {
  static constexpr const char *names[] = {"f32", "f16", "bf16", "i64",
                                          "i32", "u8",  "bool", "i8"};
  return names[dtype];
}

size_t dtypeBytes(mpcrt_dtype dtype) {
  static constexpr size_t bytes[] = {4, 2, 2, 8, 4, 1, 1, 1};
  return bytes[dtype];
}

std::string shapeText(std::span<const int64_t> shape) {
  if (shape.empty())
    return "scalar";
  std::string text;
  for (int64_t dim : shape)
    text += (text.empty() ? "" : "x") + std::to_string(dim);
  return text;
}

int64_t elementCount(std::span<const int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

} // namespace mpcrt::train
