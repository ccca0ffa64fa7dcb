#include "compiler/formats/FloatFormat.h"
#include "test/lowering/KernelRunner.h"
#include "llvm/ADT/StringRef.h"
#include <cassert>
#include <cstring>
#include <random>

using namespace mpc;
using namespace mpc::test;

static std::string elementOf(const std::string &type) {
  return type.substr(type.rfind('x') + 1);
}

int64_t mpc::test::elementCount(const std::string &type) {
  int64_t count = 1;
  for (size_t at = 0, next; (next = type.find('x', at)) != std::string::npos;
       at = next + 1)
    count *= std::stoll(type.substr(at, next - at));
  return count;
}

Tensor mpc::test::makeTensor(const std::string &type,
                             const std::vector<double> &values) {
  Tensor tensor{type, values};
  if (auto format = formats::parseFloatFormat(elementOf(type)))
    for (double &value : tensor.values)
      value = formats::roundTo(value, *format);
  return tensor;
}

Tensor mpc::test::randomTensor(const std::string &type, uint32_t seed) {
  std::mt19937 generator(seed);
  std::vector<double> values(size_t(elementCount(type)));
  for (double &value : values)
    value = double(generator()) / 2147483648.0 - 1;
  return makeTensor(type, values);
}

double mpc::test::unitRoundoff(const std::string &type) {
  return formats::info(*formats::parseFloatFormat(elementOf(type)))
      .unitRoundoff();
}

double mpc::test::gammaF32(int64_t n) {
  double nu = double(n) * 0x1p-24;
  return nu / (1 - nu);
}

// Bytes of an element, from the end of the type's text.
size_t mpc::test::elementBytes(const std::string &type) {
  auto ends = [&](const char *name) {
    return llvm::StringRef(type).ends_with(name);
  };
  return ends("i64") ? 8 : ends("f32") || ends("i32") ? 4 : ends("f16") ? 2 : 1;
}

std::vector<char> mpc::test::encode(const Tensor &tensor) {
  size_t bytes = elementBytes(tensor.type);
  std::vector<char> memory(tensor.values.size() * bytes);
  auto format = formats::parseFloatFormat(
      llvm::StringRef(tensor.type).rsplit('x').second.str());
  for (size_t i = 0; i < tensor.values.size(); ++i) {
    double value = tensor.values[i];
    uint64_t pattern = format ? formats::roundToFormat(value, *format)
                              : uint64_t(int64_t(value));
    std::memcpy(&memory[i * bytes], &pattern, bytes);
  }
  return memory;
}

Tensor mpc::test::decode(const std::string &type,
                         const std::vector<char> &memory) {
  size_t bytes = elementBytes(type);
  Tensor tensor{type, {}};
  auto format =
      formats::parseFloatFormat(llvm::StringRef(type).rsplit('x').second.str());
  assert(format && "results are floats");
  for (size_t at = 0; at < memory.size(); at += bytes) {
    uint32_t pattern = 0;
    std::memcpy(&pattern, &memory[at], bytes);
    tensor.values.push_back(formats::toDouble(pattern, *format));
  }
  return tensor;
}
