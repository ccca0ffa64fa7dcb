#include "runtime/src/Initializer.h"

#include "compiler/formats/FloatFormat.h"
#include "runtime/artifact/Digest.h"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>

namespace mpcrt {

std::array<uint32_t, 4> philoxBlock(uint64_t seed, uint64_t stream,
                                    uint64_t block) {
  philox4x32_ctr_t counter = {{uint32_t(block), uint32_t(block >> 32),
                               uint32_t(seed >> 32), uint32_t(stream >> 32)}};
  philox4x32_key_t key = {{uint32_t(seed), uint32_t(stream)}};
  philox4x32_ctr_t words = philox4x32_R(10, counter, key);
  return {words.v[0], words.v[1], words.v[2], words.v[3]};
}

namespace {
// In the open interval (0, 1), so that its logarithm is finite.
double unit(uint32_t word) { return (double(word) + 0.5) * 0x1p-32; }

std::array<double, 4> uniforms(const std::array<uint32_t, 4> &words) {
  std::array<double, 4> values;
  for (size_t i = 0; i < 4; ++i)
    values[i] = 2 * unit(words[i]) - 1;
  return values;
}

std::array<double, 4> normals(const std::array<uint32_t, 4> &words) {
  std::array<double, 4> values;
  for (size_t i = 0; i < 4; i += 2) {
    double radius = std::sqrt(-2 * std::log(unit(words[i])));
    double angle = 2 * std::numbers::pi * unit(words[i + 1]);
    values[i] = radius * std::cos(angle);
    values[i + 1] = radius * std::sin(angle);
  }
  return values;
}

template <typename Fn>
void fillRandom(const StateSpec &state, uint64_t seed, Fn draw, void *data) {
  uint64_t stream = hash64(state.name);
  auto *elements = static_cast<float *>(data);
  int64_t count = state.elements();
  for (int64_t i = 0; i < count; i += 4) {
    std::array<double, 4> values =
        draw(philoxBlock(seed, stream, uint64_t(i) / 4));
    for (int64_t j = 0; j < std::min<int64_t>(4, count - i); ++j)
      elements[i + j] = float(state.init.value * values[size_t(j)]);
  }
}

template <typename T>
void fillAll(const StateSpec &state, void *data, T value) {
  std::fill_n(static_cast<T *>(data), state.elements(), value);
}

// Integers take only values that they can hold.
template <typename T> Status fillInteger(const StateSpec &state, void *data) {
  double value = state.init.value;
  // -double(min) is one above the largest value of a signed type, exactly.
  double end = std::is_signed_v<T> ? -double(std::numeric_limits<T>::min())
                                   : double(std::numeric_limits<T>::max()) + 1;
  if (value != std::floor(value) ||
      value < double(std::numeric_limits<T>::min()) || value >= end)
    return Status(Code::Damaged, "state '" + state.name + "' cannot start at " +
                                     std::to_string(value) + " as " +
                                     std::string(dtypeName(state.dtype)) +
                                     "; compile the model again");
  fillAll(state, data, T(value));
  return Status();
}

Status fillConstant(const StateSpec &state, void *data) {
  using mpc::formats::FloatFormat;
  using mpc::formats::roundToFormat;
  double value = state.init.value;
  switch (state.dtype) {
  case DType::F32:
    fillAll(state, data, float(value));
    return Status();
  case DType::F16:
    fillAll(state, data, uint16_t(roundToFormat(value, FloatFormat::F16)));
    return Status();
  case DType::BF16:
    fillAll(state, data, uint16_t(roundToFormat(value, FloatFormat::BF16)));
    return Status();
  case DType::I64:
    return fillInteger<int64_t>(state, data);
  case DType::I32:
    return fillInteger<int32_t>(state, data);
  case DType::I8:
    return fillInteger<int8_t>(state, data);
  case DType::U8:
    return fillInteger<uint8_t>(state, data);
  case DType::Bool:
    fillAll(state, data, uint8_t(value != 0));
    return Status();
  default:
    return Status(Code::Internal, "state '" + state.name +
                                      "' has a type that no program holds");
  }
}
} // namespace

Status initialize(const StateSpec &state, uint64_t seed,
                  const Container &container, void *data) {
  switch (state.init.kind) {
  case Init::Kind::Fill:
    return fillConstant(state, data);
  case Init::Kind::Uniform:
    fillRandom(state, seed, uniforms, data);
    return Status();
  case Init::Kind::Normal:
    fillRandom(state, seed, normals, data);
    return Status();
  case Init::Kind::Data:
    if (size_t bytes = state.bytes())
      std::memcpy(data, container.find(state.init.tensor)->data, bytes);
    return Status();
  case Init::Kind::Derive:
    return Status();
  }
  return Status();
}

} // namespace mpcrt
