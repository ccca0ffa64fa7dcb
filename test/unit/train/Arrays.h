// Arrays for tests.
#ifndef MPC_TEST_UNIT_TRAIN_ARRAYS_H
#define MPC_TEST_UNIT_TRAIN_ARRAYS_H

#include "runtime/train/Npz.h"

#include <cstring>

template <typename T>
mpcrt::train::Array arrayOf(mpcrt::train::Element element,
                            std::vector<int64_t> shape,
                            const std::vector<T> &values) {
  mpcrt::train::Array array{element, std::move(shape), {}};
  array.bytes.resize(values.size() * sizeof(T));
  std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
  return array;
}

template <typename T>
std::vector<T> valuesOf(const std::vector<std::byte> &bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Samples whose first element and label are derived from their number: x is
/// float32 [count, 2] with x[i] = {i, 0}, y is int64 [count] with y[i] = i % 3.
inline mpcrt::train::Status writeCounting(const std::string &path,
                                          int64_t count) {
  std::vector<float> x;
  std::vector<int64_t> y;
  for (int64_t i = 0; i < count; ++i) {
    x.insert(x.end(), {float(i), 0.0f});
    y.push_back(i % 3);
  }
  using mpcrt::train::Element;
  mpcrt::train::Array xs = arrayOf(Element::F4, {count, 2}, x);
  mpcrt::train::Array ys = arrayOf(Element::I8, {count}, y);
  return mpcrt::train::writeNpz(path, {{"x", &xs}, {"y", &ys}});
}

#endif
