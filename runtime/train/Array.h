// Arrays as files hold them: an element type of NumPy, a shape, bytes.
#ifndef MPCRT_TRAIN_ARRAY_H
#define MPCRT_TRAIN_ARRAY_H

#include "mpcrt/runtime.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mpcrt::train {

/// The NumPy element types that are read and written, all little-endian.
enum class Element { F2, F4, F8, I4, I8, U1, B1, I1 };

/// Bytes of one element.
size_t elementBytes(Element element);
/// NumPy's name: `float32`, `int64`, `bool`, ...
const char *elementName(Element element);
/// The name of a runtime type as messages print it: `f32`, `bf16`, `i64`, ...
const char *dtypeName(mpcrt_dtype dtype);
/// Bytes of one element of a runtime type.
size_t dtypeBytes(mpcrt_dtype dtype);

/// `3x32x32`, or `scalar` for rank 0.
std::string shapeText(std::span<const int64_t> shape);

/// Number of elements of a shape whose dimensions are not negative; the product
/// must fit in 63 bits, which the readers check.
int64_t elementCount(std::span<const int64_t> shape);

/// A dense array in C order. It owns its bytes.
struct Array {
  Element element = Element::F4;
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;
};

} // namespace mpcrt::train

#endif
