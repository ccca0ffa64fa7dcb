#include "runtime/train/Convert.h"

#include "compiler/formats/FloatFormat.h"

#include <cmath>
#include <cstring>
#include <type_traits>

namespace mpcrt::train {
namespace {

using mpc::formats::FloatFormat;

/// A 16-bit float as its pattern.
template <FloatFormat format> struct Half {
  uint16_t bits;

  explicit operator double() const {
    return mpc::formats::toDouble(bits, format);
  }
  static Half from(double value) {
    return {uint16_t(mpc::formats::roundToFormat(value, format))};
  }
};
using F16 = Half<FloatFormat::F16>;
using Bf16 = Half<FloatFormat::BF16>;

template <typename T> constexpr bool isHalf = false;
template <FloatFormat format> constexpr bool isHalf<Half<format>> = true;
template <typename T>
constexpr bool isFloat = std::is_floating_point_v<T> || isHalf<T>;

/// `value` as a `To`; false if an integer does not fit or is wanted and `value`
/// is none.
template <typename To, typename From> bool convertOne(From value, To &result) {
  if constexpr (isHalf<To>)
    result = To::from(double(value));
  else if constexpr (isHalf<From>)
    result = static_cast<To>(double(value));
  else if constexpr (isFloat<To>)
    result = static_cast<To>(value);
  else if constexpr (!isFloat<From>) {
    result = static_cast<To>(value);
    return static_cast<From>(result) == value &&
           (result < To(0)) == (value < From(0));
  }
  return true;
}

/// Where element `index` is: `sample 7, element 0,3,4`.
std::string place(const Array &array, size_t index) {
  int64_t samples = array.shape.empty() ? 1 : array.shape[0];
  size_t inSample = array.bytes.size() / elementBytes(array.element) /
                    size_t(samples > 0 ? samples : 1);
  std::string where = text("sample ", index / inSample);
  size_t rest = index % inSample;
  std::string element;
  for (size_t d = array.shape.size(); d-- > 1;) {
    size_t dim = size_t(array.shape[d]);
    element = text(rest % dim, element.empty() ? "" : ",", element);
    rest /= dim;
  }
  return element.empty() ? where : text(where, ", element ", element);
}

template <typename From, typename To>
Status convertAll(const Array &array, const std::string &what,
                  mpcrt_dtype dtype, const ConvertOptions &options,
                  std::vector<std::byte> &out) {
  size_t count = array.bytes.size() / sizeof(From);
  out.resize(count * sizeof(To));
  for (size_t i = 0; i < count; ++i) {
    From value;
    To result;
    std::memcpy(&value, &array.bytes[i * sizeof(From)], sizeof(From));
    [[maybe_unused]] bool fits = convertOne(value, result);
    if constexpr (!isFloat<To> && !isFloat<From>)
      if (!fits)
        return failure(MPCRT_INVALID_DATA, what, " has ", +value, " at ",
                       place(array, i), ", which does not fit ",
                       dtypeName(dtype));
    if constexpr (isFloat<To>)
      if (!options.allowNonfinite && !std::isfinite(double(result)))
        return failure(
            MPCRT_INVALID_DATA, what, " has ", double(value), " at ",
            place(array, i),
            std::isfinite(double(value))
                ? text(", which is beyond ", dtypeName(dtype),
                       "; scale the data")
                : std::string("; clean the data, or pass --allow-nonfinite"));
    std::memcpy(&out[i * sizeof(To)], &result, sizeof(To));
  }
  return {};
}

template <typename From>
Status convertFrom(const Array &array, const std::string &what,
                   mpcrt_dtype dtype, const ConvertOptions &options,
                   std::vector<std::byte> &out) {
  switch (dtype) {
  case MPCRT_F32:
    return convertAll<From, float>(array, what, dtype, options, out);
  case MPCRT_F16:
    return convertAll<From, F16>(array, what, dtype, options, out);
  case MPCRT_BF16:
    return convertAll<From, Bf16>(array, what, dtype, options, out);
  default:
    break;
  }
  if constexpr (isFloat<From>) {
    return failure(MPCRT_INVALID_DATA, what, " is ", elementName(array.element),
                   ", but ", dtypeName(dtype),
                   " is expected; store integers, e.g. with .astype('int64')");
  } else {
    switch (dtype) {
    case MPCRT_I64:
      return convertAll<From, int64_t>(array, what, dtype, options, out);
    case MPCRT_I32:
      return convertAll<From, int32_t>(array, what, dtype, options, out);
    case MPCRT_U8:
      return convertAll<From, uint8_t>(array, what, dtype, options, out);
    case MPCRT_I8:
      return convertAll<From, int8_t>(array, what, dtype, options, out);
    default:
      return convertAll<From, bool>(array, what, dtype, options, out);
    }
  }
}

std::string conversionNote(const Array &array, const std::string &what,
                           mpcrt_dtype dtype) {
  bool floats = array.element == Element::F2 || array.element == Element::F4 ||
                array.element == Element::F8;
  bool toFloat =
      dtype == MPCRT_F32 || dtype == MPCRT_F16 || dtype == MPCRT_BF16;
  size_t fromBytes = elementBytes(array.element);
  bool exact = !floats || fromBytes < dtypeBytes(dtype) ||
               (array.element == Element::F2 && dtype == MPCRT_F16) ||
               (array.element == Element::F4 && dtype == MPCRT_F32);
  if (toFloat && !exact)
    return text(what, " is ", elementName(array.element), " and is rounded to ",
                dtypeName(dtype));
  if (toFloat && !floats)
    return text(what, " is ", elementName(array.element),
                " and is converted to ", dtypeName(dtype),
                " as it is, without scaling");
  return {};
}

template <typename T> T load(const std::byte *data, size_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}

} // namespace

Status convertArray(const Array &array, const std::string &what,
                    mpcrt_dtype dtype, const ConvertOptions &options,
                    std::vector<std::byte> &out, std::string &note) {
  note = conversionNote(array, what, dtype);
  switch (array.element) {
  case Element::F2:
    return convertFrom<F16>(array, what, dtype, options, out);
  case Element::F4:
    return convertFrom<float>(array, what, dtype, options, out);
  case Element::F8:
    return convertFrom<double>(array, what, dtype, options, out);
  case Element::I4:
    return convertFrom<int32_t>(array, what, dtype, options, out);
  case Element::I8:
    return convertFrom<int64_t>(array, what, dtype, options, out);
  case Element::U1:
  case Element::B1:
    return convertFrom<uint8_t>(array, what, dtype, options, out);
  case Element::I1:
    return convertFrom<int8_t>(array, what, dtype, options, out);
  }
  return {};
}

Array toArray(mpcrt_dtype dtype, std::vector<int64_t> shape,
              std::vector<std::byte> bytes) {
  static constexpr Element elements[] = {Element::F4, Element::F2, Element::F4,
                                         Element::I8, Element::I4, Element::U1,
                                         Element::B1, Element::I1};
  Array array{elements[dtype], std::move(shape), std::move(bytes)};
  if (dtype != MPCRT_BF16)
    return array;
  size_t count = array.bytes.size() / sizeof(Bf16);
  std::vector<std::byte> wide(count * sizeof(float));
  for (size_t i = 0; i < count; ++i) {
    float value = float(double(load<Bf16>(array.bytes.data(), i)));
    std::memcpy(&wide[i * sizeof(float)], &value, sizeof(float));
  }
  array.bytes = std::move(wide);
  return array;
}

double elementAsDouble(mpcrt_dtype dtype, const std::byte *data, size_t index) {
  switch (dtype) {
  case MPCRT_F32:
    return double(load<float>(data, index));
  case MPCRT_F16:
    return double(load<F16>(data, index));
  case MPCRT_BF16:
    return double(load<Bf16>(data, index));
  default:
    return double(elementAsInteger(dtype, data, index));
  }
}

int64_t elementAsInteger(mpcrt_dtype dtype, const std::byte *data,
                         size_t index) {
  switch (dtype) {
  case MPCRT_I64:
    return load<int64_t>(data, index);
  case MPCRT_I32:
    return load<int32_t>(data, index);
  case MPCRT_I8:
    return load<int8_t>(data, index);
  default:
    return load<uint8_t>(data, index);
  }
}

} // namespace mpcrt::train
