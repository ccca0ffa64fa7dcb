#include "test/numerics/Cases.h"
#include <cmath>
#include <map>
#include <random>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using formats::FloatFormat;

// Between 2^-4 and 4, evenly over the exponents.
static double randomMagnitude(std::mt19937 &random) {
  double fraction = random() / 4294967296.0;
  return std::ldexp(1 + fraction, static_cast<int>(random() % 6) - 4);
}

// Numbers half way between two neighbours of `narrow`, and just beside them.
static void addTies(std::vector<double> &values, FloatFormat narrow) {
  const auto &row = formats::info(narrow);
  double half = row.unitRoundoff(), aside = std::ldexp(1.0, -22);
  double overflow = row.largestFinite() * (1 + half / (2 - 2 * half));
  for (double tie : {1 + half, 1 + 3 * half, row.smallestSubnormal() / 2,
                     row.smallestSubnormal() * 1.5, overflow})
    for (double value : {tie, tie * (1 - aside)})
      values.push_back(value);
}

static std::vector<double> makeEdgeValues(FloatFormat format) {
  const auto &row = formats::info(format);
  std::vector<double> values;
  for (double value :
       {0.0, row.smallestSubnormal(), 3 * row.smallestSubnormal(),
        row.smallestNormal() - row.smallestSubnormal(), row.smallestNormal(),
        1.0, 1 + 2 * row.unitRoundoff(), 3.0, row.largestFinite(),
        row.largestFinite() * (1 - row.unitRoundoff()), HUGE_VAL}) {
    values.push_back(value);
    values.push_back(-value);
  }
  values.push_back(NAN);
  if (format == FloatFormat::F32) {
    addTies(values, FloatFormat::F16);
    addTies(values, FloatFormat::BF16);
  }
  std::mt19937 random(7);
  while (values.size() < test::edgeCount)
    values.push_back(randomMagnitude(random));
  for (double &value : values)
    value = formats::roundTo(value, format);
  return values;
}

const std::vector<double> &test::edgeValues(FloatFormat format) {
  static std::map<FloatFormat, std::vector<double>> made;
  auto &values = made[format];
  if (values.empty())
    values = makeEdgeValues(format);
  return values;
}

Tensor test::makeArgument(const Argument &argument, RankedTensorType type,
                          unsigned seed) {
  Tensor tensor(type);
  if (!tensor.isFloat()) {
    tensor.integers = argument.integers;
    return tensor;
  }
  if (argument.fill == Fill::Given) {
    tensor.floats = argument.numbers;
    roundElements(tensor);
    return tensor;
  }
  FloatFormat format = formatOf(type.getElementType());
  std::mt19937 random(seed);
  for (auto [i, value] : llvm::enumerate(tensor.floats)) {
    if (argument.fill == Fill::EdgeLeft)
      value = edgeValues(format)[i / edgeCount % edgeCount];
    else if (argument.fill == Fill::EdgeRight)
      value = edgeValues(format)[i % edgeCount];
    else
      value = randomMagnitude(random);
    if (argument.fill == Fill::Signed && random() % 2)
      value = -value;
  }
  roundElements(tensor);
  return tensor;
}
