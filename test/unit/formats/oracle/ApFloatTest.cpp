// LLVM's APFloat, written independently, is the oracle: every pattern of the
// narrow formats, every tie and its neighbours, strides through f32 and f64.
#include "compiler/formats/FloatFormat.h"

#include "llvm/ADT/APFloat.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <ios>

using namespace mpc::formats;
using enum FloatFormat;
using llvm::APFloat;
using llvm::APInt;

namespace {

constexpr FloatFormat narrow[] = {F16, BF16, F8E4M3FN, F8E5M2};

const llvm::fltSemantics &semantics(FloatFormat format) {
  switch (format) {
  case F32:
    return APFloat::IEEEsingle();
  case F16:
    return APFloat::IEEEhalf();
  case BF16:
    return APFloat::BFloat();
  case F8E4M3FN:
    return APFloat::Float8E4M3FN();
  case F8E5M2:
    return APFloat::Float8E5M2();
  }
  std::abort();
}

// APFloat overflows e4m3 to NaN and e5m2 to infinity; ours saturate.
uint32_t oracleRound(double value, FloatFormat format) {
  bool lossy;
  APFloat result(value);
  result.convert(semantics(format), APFloat::rmNearestTiesToEven, &lossy);
  if (info(format).saturates && !result.isFinite() && !std::isnan(value))
    result = APFloat::getLargest(semantics(format), result.isNegative());
  return uint32_t(result.bitcastToAPInt().getZExtValue());
}

uint64_t oracleWiden(uint32_t pattern, FloatFormat format) {
  bool lossy;
  APFloat value(semantics(format), APInt(info(format).bits(), pattern));
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lossy);
  return value.bitcastToAPInt().getZExtValue();
}

// Compares both signs; says at most one line per call.
testing::AssertionResult roundsAsOracle(double value, FloatFormat format) {
  for (double x : {value, -value}) {
    uint32_t got = roundToFormat(x, format);
    uint32_t expected = oracleRound(x, format);
    if (got != expected)
      return testing::AssertionFailure()
             << info(format).name << " of " << std::hexfloat << x << std::hex
             << " is " << got << ", oracle " << expected;
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult isQuietNaN(uint64_t bits) {
  uint64_t quiet = uint64_t(0xfff) << 51;
  if ((bits & quiet) == quiet)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << std::hex << bits;
}

TEST(Oracle, TableAgrees) {
  for (const FormatInfo &row : formatTable) {
    const llvm::fltSemantics &sem = semantics(row.format);
    EXPECT_EQ(unsigned(row.bits()), APFloat::semanticsSizeInBits(sem));
    EXPECT_EQ(unsigned(row.mantissaBits) + 1, APFloat::semanticsPrecision(sem));
    EXPECT_EQ(row.minExponent(), APFloat::semanticsMinExponent(sem));
    EXPECT_EQ(row.maxExponent(), APFloat::semanticsMaxExponent(sem));
    EXPECT_EQ(row.hasInfinity, APFloat::semanticsHasInf(sem));
    EXPECT_EQ(row.largestFiniteBits(),
              APFloat::getLargest(sem).bitcastToAPInt().getZExtValue());
  }
}

TEST(Oracle, EveryNarrowPatternWidens) {
  for (FloatFormat format : narrow) {
    for (uint32_t bits = 0; bits < 1u << info(format).bits(); ++bits) {
      double value = toDouble(bits, format);
      uint64_t pattern = std::bit_cast<uint64_t>(value);
      if (std::isnan(value)) {
        ASSERT_TRUE(isQuietNaN(pattern)) << info(format).name << " " << bits;
      }
      // NaN too: APFloat keeps sign and payload and makes it quiet.
      ASSERT_EQ(pattern, oracleWiden(bits, format))
          << info(format).name << " " << bits;
    }
  }
}

TEST(Oracle, EveryNarrowPatternRoundTrips) {
  for (FloatFormat format : narrow) {
    const FormatInfo &row = info(format);
    for (uint32_t bits = 0; bits < 1u << row.bits(); ++bits) {
      double value = toDouble(bits, format);
      uint32_t expected = bits;
      if (std::isnan(value) && row.hasInfinity)
        expected |= 1u << (row.mantissaBits - 1); // quiet
      if (std::isinf(value) && row.saturates)
        expected -= 1; // the largest finite number lies just below infinity
      ASSERT_EQ(roundToFormat(value, format), expected)
          << row.name << " " << bits;
      ASSERT_EQ(oracleRound(value, format), expected)
          << row.name << " " << bits;
    }
  }
}

// The number at `bits`, the tie between it and the next one, and the f64 and
// f32 numbers around both. Above the largest finite number the next one is
// where it would lie if the exponent had no end.
void checkAround(uint32_t bits, FloatFormat format) {
  double value = toDouble(bits, format);
  double half = ulp(value, format) / 2;
  for (double x : {value, value + half}) {
    ASSERT_TRUE(roundsAsOracle(x, format));
    ASSERT_TRUE(roundsAsOracle(std::nextafter(x, HUGE_VAL), format));
    ASSERT_TRUE(roundsAsOracle(std::nextafter(x, -HUGE_VAL), format));
    ASSERT_TRUE(roundsAsOracle(std::nextafter(float(x), HUGE_VALF), format));
    ASSERT_TRUE(roundsAsOracle(std::nextafter(float(x), -HUGE_VALF), format));
    ASSERT_TRUE(roundsAsOracle(x + half / 2, format));
  }
}

TEST(Oracle, EveryNarrowTieAndItsNeighboursRound) {
  for (FloatFormat format : narrow)
    for (uint32_t bits = 0; bits <= info(format).largestFiniteBits(); ++bits) {
      checkAround(bits, format);
      if (HasFatalFailure())
        return;
    }
}

// An odd stride visits low and high bits alike; both ends are visited densely.
TEST(Oracle, F32TiesAndTheirNeighboursRound) {
  uint32_t last = info(F32).largestFiniteBits();
  for (uint64_t bits = 0; bits <= last;) {
    checkAround(uint32_t(bits), F32);
    if (HasFatalFailure())
      return;
    bool dense = bits < 2000 || bits + 2000 > last;
    bits = dense ? bits + 1 : std::min<uint64_t>(bits + 32749, last - 1999);
  }
}

TEST(Oracle, F32PatternsRoundToNarrowFormats) {
  for (FloatFormat format : narrow)
    for (uint64_t bits = 0; bits < uint64_t(1) << 31; bits += 4999) {
      double value = std::bit_cast<float>(uint32_t(bits));
      ASSERT_TRUE(roundsAsOracle(value, format));
    }
}

TEST(Oracle, F32PatternsAreTheirOwnRounding) {
  for (uint64_t bits = 0; bits < uint64_t(1) << 32; bits += 997) {
    uint32_t pattern = uint32_t(bits);
    double value = toDouble(pattern, F32);
    uint32_t quiet = std::isnan(value) ? 1u << 22 : 0;
    ASSERT_EQ(roundToFormat(value, F32), pattern | quiet);
    ASSERT_EQ(std::bit_cast<uint64_t>(value), oracleWiden(pattern, F32));
  }
}

// Covers the exponents that no f32 has, f64 subnormals and NaN included.
TEST(Oracle, F64PatternsRoundToEveryFormat) {
  uint64_t end = uint64_t(1) << 63, stride = end / 100003;
  for (const FormatInfo &row : formatTable)
    for (uint64_t bits = 0; bits < end; bits += stride)
      ASSERT_TRUE(roundsAsOracle(std::bit_cast<double>(bits), row.format));
}

} // namespace
