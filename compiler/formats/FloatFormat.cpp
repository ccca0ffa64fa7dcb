#include "compiler/formats/FloatFormat.h"

#include <cmath>
#include <iterator>

namespace mpc::formats {

// info() indexes the table by the enumerator, and the conversions rely on every
// format without saturation having an infinity to overflow to.
static_assert([] {
  for (unsigned i = 0; i < std::size(formatTable); ++i) {
    const FormatInfo &row = formatTable[i];
    if (static_cast<unsigned>(row.format) != i ||
        !(row.hasInfinity || row.saturates))
      return false;
  }
  return true;
}());

std::optional<FloatFormat> parseFloatFormat(std::string_view name) {
  for (const FormatInfo &row : formatTable)
    if (row.name == name)
      return row.format;
  return std::nullopt;
}

double ulp(double value, FloatFormat format) {
  if (std::isnan(value))
    return value;
  const FormatInfo &row = info(format);
  double magnitude = std::abs(value);
  int exponent = row.minExponent();
  if (magnitude > row.largestFinite())
    exponent = row.maxExponent();
  else if (magnitude > row.smallestNormal())
    exponent = std::ilogb(magnitude);
  return powerOfTwo(exponent - row.mantissaBits);
}

} // namespace mpc::formats
