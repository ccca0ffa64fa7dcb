// Claims about single numbers, chosen where a wrong implementation differs. All
// patterns and all ties are compared with an independent implementation in
// oracle/.
#include "compiler/formats/FloatFormat.h"

#include <cfenv>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace mpc::formats;
using enum FloatFormat;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(FormatTable, NamesAreMlirs) {
  EXPECT_EQ(parseFloatFormat("f32"), F32);
  EXPECT_EQ(parseFloatFormat("f16"), F16);
  EXPECT_EQ(parseFloatFormat("bf16"), BF16);
  EXPECT_EQ(parseFloatFormat("f8E4M3FN"), F8E4M3FN);
  EXPECT_EQ(parseFloatFormat("f8E5M2"), F8E5M2);
  EXPECT_EQ(parseFloatFormat("f64"), std::nullopt);
  EXPECT_EQ(parseFloatFormat(""), std::nullopt);
  for (const FormatInfo &row : formatTable)
    EXPECT_EQ(parseFloatFormat(row.name), row.format);
}

TEST(FormatTable, F32IsTheHostsFloat) {
  using Limits = std::numeric_limits<float>;
  EXPECT_EQ(info(F32).bits(), 32);
  EXPECT_EQ(info(F32).largestFinite(), Limits::max());
  EXPECT_EQ(info(F32).smallestNormal(), Limits::min());
  EXPECT_EQ(info(F32).smallestSubnormal(), Limits::denorm_min());
  EXPECT_EQ(info(F32).unitRoundoff(), Limits::epsilon() / 2);
}

TEST(FormatTable, F16EndsAt65504) {
  EXPECT_EQ(info(F16).bits(), 16);
  EXPECT_EQ(info(F16).largestFinite(), 65504);
  EXPECT_EQ(info(F16).smallestNormal(), 0x1p-14);
  EXPECT_EQ(info(F16).smallestSubnormal(), 0x1p-24);
  EXPECT_EQ(info(F16).unitRoundoff(), 0x1p-11);
}

TEST(FormatTable, Bf16HasTheRangeOfF32) {
  EXPECT_EQ(info(BF16).bits(), 16);
  EXPECT_EQ(info(BF16).largestFinite(), 0x1.fep127);
  EXPECT_EQ(info(BF16).maxExponent(), info(F32).maxExponent());
  EXPECT_EQ(info(BF16).smallestNormal(), info(F32).smallestNormal());
  EXPECT_EQ(info(BF16).smallestSubnormal(), 0x1p-133);
  EXPECT_EQ(info(BF16).unitRoundoff(), 0x1p-8);
}

TEST(FormatTable, Fp8FollowsTheOcpSpecification) {
  EXPECT_EQ(info(F8E4M3FN).bits(), 8);
  EXPECT_EQ(info(F8E4M3FN).largestFinite(), 448);
  EXPECT_EQ(info(F8E4M3FN).smallestNormal(), 0x1p-6);
  EXPECT_EQ(info(F8E4M3FN).smallestSubnormal(), 0x1p-9);
  EXPECT_FALSE(info(F8E4M3FN).hasInfinity);
  EXPECT_EQ(info(F8E5M2).bits(), 8);
  EXPECT_EQ(info(F8E5M2).largestFinite(), 57344);
  EXPECT_EQ(info(F8E5M2).smallestNormal(), 0x1p-14);
  EXPECT_EQ(info(F8E5M2).smallestSubnormal(), 0x1p-16);
  EXPECT_TRUE(info(F8E5M2).hasInfinity);
}

TEST(Rounding, IsAConstantExpression) {
  static_assert(roundToFormat(1.0, F16) == 0x3c00);
  static_assert(toDouble(0xbf80, BF16) == -1.0);
  static_assert(roundTo(0.1, F32) == double(0.1f));
}

TEST(Rounding, TiesGoToEven) {
  EXPECT_EQ(roundTo(1 + 0x1p-8, BF16), 1.0);
  EXPECT_EQ(roundTo(1 + 3 * 0x1p-8, BF16), 1 + 0x1p-6);
  EXPECT_EQ(roundTo(1 + 0x1p-11, F16), 1.0);
  EXPECT_EQ(roundTo(1 + 3 * 0x1p-11, F16), 1 + 0x1p-9);
  EXPECT_EQ(roundTo(2 - 0x1p-11, F16), 2.0); // the carry reaches the exponent
}

// Through f32 the last bit would be lost and the rest would be a tie.
TEST(Rounding, FromF64RoundsOnce) {
  EXPECT_EQ(roundTo(1 + 0x1p-11 + 0x1p-40, F16), 1 + 0x1p-10);
  EXPECT_EQ(roundTo(1 + 0x1p-8 + 0x1p-40, BF16), 1 + 0x1p-7);
  EXPECT_EQ(roundTo(1 + 0x1p-24 + 0x1p-52, F32), 1 + 0x1p-23);
}

// The threshold is half a unit in the last place beyond the largest finite
// number; that tie goes to the even neighbour, which is infinity.
TEST(Rounding, OverflowsToInfinityFromTheTieOn) {
  EXPECT_EQ(roundTo(std::nextafter(65520.0, 0), F16), 65504);
  EXPECT_EQ(roundTo(65520, F16), inf);
  EXPECT_EQ(roundTo(-65520, F16), -inf);
  EXPECT_EQ(roundTo(std::nextafter(0x1.ffp127, 0), BF16), 0x1.fep127);
  EXPECT_EQ(roundTo(0x1.ffp127, BF16), inf);
  EXPECT_EQ(roundTo(std::nextafter(0x1.ffffffp127, 0), F32), 0x1.fffffep127);
  EXPECT_EQ(roundTo(0x1.ffffffp127, F32), inf);
  for (FloatFormat format : {F32, F16, BF16}) {
    EXPECT_EQ(roundTo(std::numeric_limits<double>::max(), format), inf);
    EXPECT_EQ(roundTo(inf, format), inf);
    EXPECT_EQ(roundTo(-inf, format), -inf);
  }
}

TEST(Rounding, Fp8Saturates) {
  for (FloatFormat format : {F8E4M3FN, F8E5M2}) {
    double largest = info(format).largestFinite();
    for (double value : {largest, 2 * largest, 1e300, inf}) {
      EXPECT_EQ(roundTo(value, format), largest);
      EXPECT_EQ(roundTo(-value, format), -largest);
    }
  }
}

TEST(Rounding, KeepsSubnormals) {
  for (const FormatInfo &row : formatTable) {
    double least = row.smallestSubnormal();
    EXPECT_EQ(roundTo(least, row.format), least);
    EXPECT_EQ(roundTo(3 * least, row.format), 3 * least);
    EXPECT_EQ(roundTo(least / 2, row.format), 0);
    EXPECT_EQ(roundTo(std::nextafter(least / 2, 1), row.format), least);
    EXPECT_EQ(roundTo(1.5 * least, row.format), 2 * least);
    // The largest subnormal plus half its last place ties to the normal number.
    EXPECT_EQ(roundTo(row.smallestNormal() - least / 2, row.format),
              row.smallestNormal());
  }
}

TEST(Rounding, ZeroKeepsItsSign) {
  for (const FormatInfo &row : formatTable) {
    EXPECT_EQ(roundToFormat(0.0, row.format), 0u);
    EXPECT_EQ(roundToFormat(-0.0, row.format), row.signBit());
    EXPECT_TRUE(std::signbit(roundTo(-0.0, row.format)));
    double least = std::numeric_limits<double>::denorm_min();
    EXPECT_EQ(roundToFormat(-least, row.format), row.signBit());
  }
}

TEST(Rounding, NaNStaysNaNAndIsQuiet) {
  EXPECT_EQ(roundToFormat(nan, F16), 0x7e00u);
  EXPECT_EQ(roundToFormat(nan, BF16), 0x7fc0u);
  EXPECT_EQ(roundToFormat(nan, F32), 0x7fc00000u);
  EXPECT_EQ(roundToFormat(nan, F8E4M3FN), 0x7fu);
  EXPECT_EQ(roundToFormat(nan, F8E5M2), 0x7eu);
  // Payload bits below the format's last place must not turn it into infinity.
  double low = std::bit_cast<double>(uint64_t(0x7ff0000000000001));
  for (const FormatInfo &row : formatTable)
    EXPECT_TRUE(std::isnan(roundTo(low, row.format))) << row.name;
}

TEST(Rounding, IgnoresTheHostsRoundingMode) {
  volatile double tie = 1 + 3 * 0x1p-11;
  ASSERT_EQ(std::fesetround(FE_UPWARD), 0);
  double up = roundTo(-tie, F16);
  std::fesetround(FE_DOWNWARD);
  double down = roundTo(-tie, F16);
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(up, -(1 + 0x1p-9));
  EXPECT_EQ(down, -(1 + 0x1p-9));
}

TEST(ToDouble, IgnoresBitsAboveTheWidth) {
  EXPECT_EQ(toDouble(0xffff3c00, F16), 1.0);
  EXPECT_EQ(toDouble(0xffffff38, F8E4M3FN), 1.0);
}

TEST(Ulp, IsTheDistanceToTheNextNumber) {
  EXPECT_EQ(ulp(1.0, F32), 0x1p-23);
  EXPECT_EQ(ulp(-1.0, F16), 0x1p-10);
  EXPECT_EQ(ulp(1.999, BF16), 0x1p-7);
  EXPECT_EQ(ulp(std::nextafter(1.0, 0), F16), 0x1p-11);
  for (FloatFormat format : {F16, BF16, F8E4M3FN, F8E5M2}) {
    const FormatInfo &row = info(format);
    for (uint32_t bits = 0; bits < row.largestFiniteBits(); ++bits) {
      double value = toDouble(bits, format);
      double next = toDouble(bits + 1, format);
      ASSERT_EQ(ulp(value, format), next - value) << row.name << " " << bits;
      ASSERT_EQ(ulp((value + next) / 2, format), next - value)
          << row.name << " " << bits;
    }
  }
}

TEST(Ulp, AtTheEndsOfTheRange) {
  for (const FormatInfo &row : formatTable) {
    EXPECT_EQ(ulp(0, row.format), row.smallestSubnormal());
    EXPECT_EQ(ulp(-0x1p-1000, row.format), row.smallestSubnormal());
    double last = powerOfTwo(row.maxExponent() - row.mantissaBits);
    EXPECT_EQ(ulp(row.largestFinite(), row.format), last);
    EXPECT_EQ(ulp(1e300, row.format), last);
    EXPECT_EQ(ulp(-inf, row.format), last);
    EXPECT_TRUE(std::isnan(ulp(nan, row.format)));
  }
}

} // namespace
