#include "test/numerics/Allowed.h"
#include "compiler/formats/FloatFormat.h"
#include <cmath>
#include <cstring>
#include <sstream>

using namespace mpc;
using namespace mpc::test;
using formats::FloatFormat;
using mpcrt::DType;

static std::optional<FloatFormat> formatOf(DType type) {
  switch (type) {
  case DType::F32:
    return FloatFormat::F32;
  case DType::F16:
    return FloatFormat::F16;
  case DType::BF16:
    return FloatFormat::BF16;
  default:
    return std::nullopt;
  }
}

std::vector<std::byte> mpc::test::encode(const Numbers &numbers, DType type) {
  size_t width = mpcrt::byteWidth(type);
  std::vector<std::byte> bytes(numbers.size() * width);
  auto format = formatOf(type);
  for (size_t i = 0; i < numbers.size(); ++i) {
    int64_t pattern = format
                          ? formats::roundToFormat(numbers.floats[i], *format)
                          : numbers.integers[i];
    std::memcpy(&bytes[i * width], &pattern, width);
  }
  return bytes;
}

Numbers mpc::test::decode(std::span<const std::byte> bytes, DType type) {
  Numbers numbers;
  size_t width = mpcrt::byteWidth(type);
  auto format = formatOf(type);
  for (size_t at = 0; at < bytes.size(); at += width) {
    uint64_t pattern = 0;
    std::memcpy(&pattern, &bytes[at], width);
    if (format) {
      numbers.floats.push_back(formats::toDouble(uint32_t(pattern), *format));
      continue;
    }
    int unused = int(64 - 8 * width);
    numbers.integers.push_back(int64_t(pattern << unused) >> unused);
  }
  return numbers;
}

bool Allowed::admitsFloat(size_t element, double got) const {
  if (std::isnan(got))
    return flags[element] & nan;
  if (got == 0 && (flags[element] & signedZero) &&
      std::signbit(got) != std::signbit(low.floats[element]))
    return false;
  return got >= low.floats[element] && got <= high.floats[element];
}

static void describeAllowed(std::ostream &text, const Allowed &allowed,
                            size_t element) {
  double low = allowed.low.floats[element], high = allowed.high.floats[element];
  if (low == high)
    text << (allowed.flags[element] & Allowed::signedZero ? "exactly " : "")
         << low;
  else if (low < high)
    text << "from " << low << " to " << high;
  if (allowed.flags[element] & Allowed::nan)
    text << (low <= high ? " or nan" : "nan");
}

std::string mpc::test::describeDifference(const Numbers &got,
                                          const Allowed &allowed) {
  std::ostringstream text;
  text.precision(17);
  if (got.size() != allowed.low.size()) {
    text << "there are " << got.size() << " elements; expected "
         << allowed.low.size() << "\n";
    return text.str();
  }
  for (size_t i = 0; i < got.integers.size(); ++i)
    if (got.integers[i] != allowed.low.integers[i]) {
      text << "element " << i << " is " << got.integers[i] << "; expected "
           << allowed.low.integers[i] << "\n";
      return text.str();
    }
  for (size_t i = 0; i < got.floats.size(); ++i)
    if (!allowed.admitsFloat(i, got.floats[i])) {
      text << "element " << i << " is " << got.floats[i] << "; expected ";
      describeAllowed(text, allowed, i);
      text << "\n";
      return text.str();
    }
  return text.str();
}
