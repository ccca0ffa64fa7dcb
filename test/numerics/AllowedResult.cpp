#include "test/numerics/Bounds.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test;
using formats::FloatFormat;

namespace {
struct Interval {
  double low, high;
  uint8_t flags = 0;
};
} // namespace

static constexpr Interval onlyNan = {HUGE_VAL, -HUGE_VAL, Allowed::nan};
static constexpr Interval anything = {-HUGE_VAL, HUGE_VAL, Allowed::nan};

// `value` bit for bit, but for what is in a NaN.
static Interval exactly(double value) {
  if (std::isnan(value))
    return onlyNan;
  return {value, value, Allowed::signedZero};
}

// The numbers of `format` that rounding something within `error` of `exact` can
// give. Rounding is monotonic, so that is an interval.
static Interval around(double exact, double error, FloatFormat format) {
  if (std::isnan(error)) {
    if (std::isinf(exact))
      return {exact, exact, Allowed::nan};
    return std::isnan(exact) ? onlyNan : anything;
  }
  if (std::isnan(exact))
    return onlyNan;
  if (std::isinf(exact))
    return {exact, exact};
  // f32 overflows on the way: the result depends on the order.
  if (std::isinf(error))
    return anything;
  return {roundResult(exact - error, format),
          roundResult(exact + error, format)};
}

Allowed mpc::test::allowedResult(const Tensor &exact, const Tensor &rounded,
                                 const std::vector<double> *bounds) {
  Allowed allowed;
  if (!exact.isFloat()) {
    allowed.low.integers = allowed.high.integers = rounded.integers;
    return allowed;
  }
  FloatFormat format = formatOf(exact.type.getElementType());
  for (size_t i = 0; i < exact.floats.size(); ++i) {
    Interval interval = bounds ? around(exact.floats[i], (*bounds)[i], format)
                               : exactly(rounded.floats[i]);
    allowed.low.floats.push_back(interval.low);
    allowed.high.floats.push_back(interval.high);
    allowed.flags.push_back(interval.flags);
  }
  return allowed;
}
