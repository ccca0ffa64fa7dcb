// Float formats as a table, and exact rounding into them in software. Nothing
// here depends on the host's rounding mode, flush-to-zero setting or fast-math
// flags: conversions are integer arithmetic on bit patterns.
#ifndef MPC_FORMATS_FLOATFORMAT_H
#define MPC_FORMATS_FLOATFORMAT_H

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mpc::formats {

enum class FloatFormat : uint8_t { F32, F16, BF16, F8E4M3FN, F8E5M2 };

// 2^exponent as an f64, for exponents of normal f64 numbers (-1022 to 1023).
constexpr double powerOfTwo(int exponent) {
  return std::bit_cast<double>(uint64_t(exponent + 1023) << 52);
}

// One row of the table. A pattern is, from the top: one sign bit,
// `exponentBits`, `mantissaBits`. Subnormals exist in every format.
struct FormatInfo {
  FloatFormat format;
  std::string_view name; // as MLIR spells the type
  int exponentBits;
  int mantissaBits; // stored ones, without the implicit leading bit
  int bias;
  bool hasInfinity; // without one, all ones but the sign are the only NaN
  bool saturates;   // what is out of range becomes the largest finite number

  constexpr int bits() const { return 1 + exponentBits + mantissaBits; }
  constexpr uint32_t signBit() const { return 1u << (bits() - 1); }
  // All exponent bits set: infinity where the format has one.
  constexpr uint32_t exponentMask() const {
    return ((1u << exponentBits) - 1) << mantissaBits;
  }
  constexpr uint32_t mantissaMask() const { return (1u << mantissaBits) - 1; }
  constexpr uint32_t largestFiniteBits() const {
    return hasInfinity ? exponentMask() - 1
                       : (exponentMask() | mantissaMask()) - 1;
  }
  // Exponent of the smallest normal number.
  constexpr int minExponent() const { return 1 - bias; }
  // Exponent of the largest finite number.
  constexpr int maxExponent() const {
    return int(largestFiniteBits() >> mantissaBits) - bias;
  }

  constexpr double largestFinite() const {
    uint32_t fraction = largestFiniteBits() & mantissaMask();
    uint32_t significand = fraction | (1u << mantissaBits);
    return significand * powerOfTwo(maxExponent() - mantissaBits);
  }
  constexpr double smallestNormal() const { return powerOfTwo(minExponent()); }
  constexpr double smallestSubnormal() const {
    return powerOfTwo(minExponent() - mantissaBits);
  }
  // The largest relative error of one rounding to nearest whose result is
  // normal: half a unit in the last place of 1.
  constexpr double unitRoundoff() const {
    return powerOfTwo(-mantissaBits - 1);
  }
};

inline constexpr FormatInfo formatTable[] = {
    // format, name, exponent bits, mantissa bits, bias, infinity, saturates
    {FloatFormat::F32, "f32", 8, 23, 127, true, false},
    {FloatFormat::F16, "f16", 5, 10, 15, true, false},
    {FloatFormat::BF16, "bf16", 8, 7, 127, true, false},
    {FloatFormat::F8E4M3FN, "f8E4M3FN", 4, 3, 7, false, true},
    {FloatFormat::F8E5M2, "f8E5M2", 5, 2, 15, true, true},
};

// The row of a format.
constexpr const FormatInfo &info(FloatFormat format) {
  return formatTable[static_cast<unsigned>(format)];
}

// The format that MLIR spells `name`; none if the table has no such row.
std::optional<FloatFormat> parseFloatFormat(std::string_view name);

// Rounds to nearest, ties to even, and returns the pattern in the low bits. The
// value is rounded once: f64 to bf16 does not pass through f32, and an f32
// argument widens exactly. What rounds beyond the largest finite number,
// infinity included, becomes infinity, or the largest finite number where the
// format saturates. Zero keeps its sign. NaN becomes a quiet NaN with the sign
// and the upper payload bits that fit.
constexpr uint32_t roundToFormat(double value, FloatFormat format);

// The value of a pattern, exactly; bits above the format's width are ignored.
// NaN becomes a quiet NaN.
constexpr double toDouble(uint32_t pattern, FloatFormat format);

// The value that storing in `format` and reading back gives.
constexpr double roundTo(double value, FloatFormat format) {
  return toDouble(roundToFormat(value, format), format);
}

// The distance from |value| to the next number of the format away from zero, if
// |value| is one; else the distance of the two around it. Below the smallest
// normal number (zero included) it is the smallest subnormal; beyond the
// largest finite number (infinity included) it stays what it is there. NaN for
// NaN.
double ulp(double value, FloatFormat format);

namespace detail {

inline constexpr uint64_t f64FractionMask = (uint64_t(1) << 52) - 1;
inline constexpr uint64_t f64ExponentMask = uint64_t(0x7ff) << 52;

// significand / 2^shift, to nearest, ties to even; significand < 2^53. A shift
// over 54 gives zero, as 54 does.
constexpr uint64_t shiftToNearestEven(uint64_t significand, int shift) {
  if (shift > 54)
    return 0;
  uint64_t kept = significand >> shift;
  uint64_t lost = significand & ((uint64_t(1) << shift) - 1);
  uint64_t half = uint64_t(1) << (shift - 1);
  return kept + (lost > half || (lost == half && (kept & 1)));
}

constexpr uint32_t quietNaN(uint64_t fraction, const FormatInfo &row) {
  if (!row.hasInfinity)
    return row.exponentMask() | row.mantissaMask();
  uint32_t quietBit = 1u << (row.mantissaBits - 1);
  return row.exponentMask() | quietBit |
         uint32_t(fraction >> (52 - row.mantissaBits));
}

} // namespace detail

constexpr uint32_t roundToFormat(double value, FloatFormat format) {
  const FormatInfo &row = info(format);
  uint64_t input = std::bit_cast<uint64_t>(value);
  uint64_t fraction = input & detail::f64FractionMask;
  int biased = int(input >> 52) & 0x7ff;
  uint32_t sign = input >> 63 ? row.signBit() : 0;
  if (biased == 0x7ff && fraction != 0)
    return sign | detail::quietNaN(fraction, row);

  // |value| = significand * 2^(exponent - 52). Infinity goes on as 2^1024; zero
  // and f64 subnormals as numbers under 2^-1022, which are zero in any format.
  int exponent = biased - 1023;
  uint64_t significand = fraction | (uint64_t(1) << 52);
  // Subnormal results share the last place of the smallest normal number.
  int binade = exponent > row.minExponent() ? exponent : row.minExponent();
  int shift = 52 - exponent + binade - row.mantissaBits;
  uint64_t rounded = detail::shiftToNearestEven(significand, shift);
  // The implicit bit, and a carry out of the mantissa, raise the exponent field
  // by one.
  uint64_t magnitude =
      (uint64_t(binade - row.minExponent()) << row.mantissaBits) + rounded;
  if (magnitude > row.largestFiniteBits())
    return sign |
           (row.saturates ? row.largestFiniteBits() : row.exponentMask());
  return sign | uint32_t(magnitude);
}

constexpr double toDouble(uint32_t pattern, FloatFormat format) {
  const FormatInfo &row = info(format);
  uint64_t sign = pattern & row.signBit() ? uint64_t(1) << 63 : 0;
  uint32_t magnitude = pattern & (row.signBit() - 1);
  uint32_t fraction = pattern & row.mantissaMask();
  if (magnitude > row.largestFiniteBits()) {
    uint64_t payload = uint64_t(fraction) << (52 - row.mantissaBits);
    uint64_t quietBit = payload ? uint64_t(1) << 51 : 0;
    return std::bit_cast<double>(sign | detail::f64ExponentMask | quietBit |
                                 payload);
  }
  int biased = int(magnitude >> row.mantissaBits);
  uint32_t significand = fraction | (uint32_t(biased != 0) << row.mantissaBits);
  int exponent = (biased ? biased : 1) - row.bias;
  // Exact: the factors have at most 24 bits and the product is a normal f64.
  double absolute = significand * powerOfTwo(exponent - row.mantissaBits);
  return std::bit_cast<double>(sign | std::bit_cast<uint64_t>(absolute));
}

} // namespace mpc::formats

#endif
