#include "test/numerics/Bounds.h"
#include <cmath>
#include <sstream>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using formats::FloatFormat;

static bool sameNumber(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         (a == b && std::signbit(a) == std::signbit(b));
}

// Whether `got` is a number of `format` that rounding something within `error`
// of `exact` can give. Rounding is monotonic, so that is an interval.
static bool isWithin(double got, double exact, double error,
                     FloatFormat format) {
  if (std::isnan(error))
    return std::isnan(got) || got == exact || std::isfinite(exact);
  if (std::isnan(exact))
    return std::isnan(got);
  if (std::isinf(exact))
    return got == exact;
  // f32 overflows on the way: the result depends on the order.
  if (std::isinf(error))
    return true;
  return got >= roundResult(exact - error, format) &&
         got <= roundResult(exact + error, format);
}

std::string mpc::test::describeDifference(const Tensor &got,
                                          const Tensor &exact,
                                          const Tensor &rounded,
                                          const std::vector<double> *bounds) {
  std::ostringstream text;
  text.precision(17);
  for (size_t i = 0; i < got.integers.size(); ++i)
    if (got.integers[i] != rounded.integers[i])
      text << "element " << i << " is " << got.integers[i] << "; expected "
           << rounded.integers[i] << "\n";
  FloatFormat format = FloatFormat::F32;
  if (got.isFloat())
    format = formatOf(got.type.getElementType());
  for (size_t i = 0; i < got.floats.size() && text.tellp() == 0; ++i) {
    double value = got.floats[i];
    if (bounds ? isWithin(value, exact.floats[i], (*bounds)[i], format)
               : sameNumber(value, rounded.floats[i]))
      continue;
    text << "element " << i << " is " << value << "; expected ";
    if (bounds)
      text << exact.floats[i] << " within " << (*bounds)[i]
           << " before rounding";
    else
      text << "exactly " << rounded.floats[i];
    text << "\n";
  }
  return text.str();
}
