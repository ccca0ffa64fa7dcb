#include "runtime/train/Convert.h"
#include "test/unit/train/Arrays.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace mpcrt::train;

namespace {

struct Converted {
  Status status;
  std::vector<std::byte> bytes;
  std::string note;
};

Converted convert(const Array &array, mpcrt_dtype dtype,
                  bool allowNonfinite = false) {
  Converted result;
  result.status = convertArray(array, "array 'x'", dtype, {allowNonfinite},
                               result.bytes, result.note);
  return result;
}

constexpr float infinity = std::numeric_limits<float>::infinity();

} // namespace

TEST(Convert, F32StaysAsItIsWithoutANote) {
  Array array = arrayOf<float>(Element::F4, {2}, {-0.0f, 1e-45f});
  Converted result = convert(array, MPCRT_F32);
  EXPECT_EQ(result.bytes, array.bytes);
  EXPECT_EQ(result.note, "");
}

TEST(Convert, F64IsRoundedOnceAndNoted) {
  // 1 + 2^-8 is the tie between 1 and 1 + 2^-7 in bf16. The 2^-40 above it
  // vanishes in f32, so
  // rounding twice would give the even neighbour, 1.
  double value = 1 + std::ldexp(1.0, -8) + std::ldexp(1.0, -40);
  Array array = arrayOf<double>(Element::F8, {1}, {value});
  Converted bf16 = convert(array, MPCRT_BF16);
  EXPECT_EQ(valuesOf<uint16_t>(bf16.bytes)[0], 0x3f81);
  EXPECT_NE(bf16.note.find("is rounded to bf16"), std::string::npos);
  EXPECT_NE(convert(array, MPCRT_F32).note.find("is rounded to f32"),
            std::string::npos);
}

TEST(Convert, IntegersWidenAndNarrowIfTheyFit) {
  Array narrow = arrayOf<int32_t>(Element::I4, {2}, {-5, 7});
  EXPECT_EQ(valuesOf<int64_t>(convert(narrow, MPCRT_I64).bytes),
            (std::vector<int64_t>{-5, 7}));
  Array wide = arrayOf<int64_t>(Element::I8, {2}, {1, int64_t(1) << 31});
  Status status = convert(wide, MPCRT_I32).status;
  EXPECT_EQ(status.code, MPCRT_INVALID_DATA);
  EXPECT_EQ(status.message,
            "array 'x' has 2147483648 at sample 1, which does not fit i32");
  Array negative = arrayOf<int32_t>(Element::I4, {1}, {-1});
  EXPECT_FALSE(convert(negative, MPCRT_U8).status.ok());
  EXPECT_EQ(valuesOf<int8_t>(convert(negative, MPCRT_I8).bytes)[0], -1);
  EXPECT_FALSE(convert(wide, MPCRT_I8).status.ok());
  Array bytes = arrayOf<int8_t>(Element::I1, {2}, {-128, 127});
  EXPECT_EQ(valuesOf<int64_t>(convert(bytes, MPCRT_I64).bytes),
            (std::vector<int64_t>{-128, 127}));
}

TEST(Convert, IntegersBecomeFloatsWithoutScaling) {
  Array array = arrayOf<uint8_t>(Element::U1, {2}, {0, 255});
  Converted result = convert(array, MPCRT_F32);
  EXPECT_EQ(valuesOf<float>(result.bytes), (std::vector<float>{0, 255}));
  EXPECT_NE(result.note.find("without scaling"), std::string::npos);
}

TEST(Convert, FloatsDoNotBecomeIntegers) {
  Array array = arrayOf<double>(Element::F8, {1}, {1.0});
  EXPECT_EQ(convert(array, MPCRT_I64).status.code, MPCRT_INVALID_DATA);
}

TEST(Convert, NonfiniteDataNamesSampleAndElement) {
  std::vector<float> values(2 * 3 * 4, 0.0f);
  values[12 + 2 * 4 + 1] = NAN;
  Array array = arrayOf<float>(Element::F4, {2, 3, 4}, values);
  Converted result = convert(array, MPCRT_F32);
  EXPECT_EQ(result.status.code, MPCRT_INVALID_DATA);
  EXPECT_EQ(result.status.message,
            "array 'x' has nan at sample 1, element 2,1; clean the data, or "
            "pass --allow-nonfinite");
  EXPECT_TRUE(convert(array, MPCRT_F32, true).status.ok());
}

TEST(Convert, WhatRoundsToInfinityIsRefused) {
  // 65520 is the tie between f16's largest number, 65504, and infinity.
  Array fits = arrayOf<float>(Element::F4, {1}, {65519.0f});
  EXPECT_EQ(valuesOf<uint16_t>(convert(fits, MPCRT_F16).bytes)[0], 0x7bff);
  Array beyond = arrayOf<float>(Element::F4, {1}, {65520.0f});
  Status status = convert(beyond, MPCRT_F16).status;
  EXPECT_EQ(status.code, MPCRT_INVALID_DATA);
  EXPECT_NE(status.message.find("beyond f16"), std::string::npos);
  Array huge = arrayOf<double>(Element::F8, {1}, {1e300});
  EXPECT_FALSE(convert(huge, MPCRT_F32).status.ok());
}

TEST(Convert, F16DataWidensExactly) {
  Array array = arrayOf<uint16_t>(Element::F2, {2}, {0x0001, 0x7c00});
  EXPECT_FALSE(convert(array, MPCRT_F32).status.ok());
  Converted result = convert(array, MPCRT_F32, true);
  EXPECT_EQ(valuesOf<float>(result.bytes),
            (std::vector<float>{std::ldexp(1.0f, -24), infinity}));
  EXPECT_EQ(result.note, "");
}

TEST(Convert, Bf16OutputsWidenToF32) {
  Array source = arrayOf<uint16_t>(Element::F2, {1}, {0x3f80});
  Array array = toArray(MPCRT_BF16, {1}, source.bytes);
  EXPECT_EQ(array.element, Element::F4);
  EXPECT_EQ(valuesOf<float>(array.bytes)[0], 1.0f);
}
