#include "compiler/formats/FloatFormat.h"
#include "test/lowering/KernelRunner.h"
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
