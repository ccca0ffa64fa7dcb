// The error of every function of one float, measured over all exponents of f32
// against f64, is what docs/numerics.md states.
#include "compiler/reference/Unary.h"
#include "test/lowering/ProgramRunner.h"
#include "test/numerics/Cases.h"
#include "test/numerics/UnaryErrors.h"
#include "gtest/gtest.h"
#include <bit>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>

using namespace mpc;
using namespace mpc::test;
using Floats = std::vector<float>;

// |got - exact| in units in the last place; infinite where they have nothing to
// do with each other.
static double errorInUlps(float got, double exact, double subnormals = 0) {
  double rounded = static_cast<double>(static_cast<float>(exact));
  if (std::isnan(got) || std::isnan(exact))
    return std::isnan(got) && std::isnan(exact) ? 0 : HUGE_VAL;
  // Overflow is where rounding overflows, give or take the error.
  if (std::isinf(got) || std::isinf(rounded))
    exact = std::fmin(std::fmax(exact, -0x1p128), 0x1p128);
  double value = std::isinf(got) ? std::copysign(0x1p128, got) : double(got);
  if (exact == 0 && value == 0 && !std::isinf(got))
    return std::signbit(got) == std::signbit(exact) ? 0 : HUGE_VAL;
  double finite = std::fmin(std::abs(exact), 0x1.fffffep127);
  double error = std::abs(value - exact) - subnormals * 0x1p-149;
  return error / formats::ulp(finite, formats::FloatFormat::F32);
}

// Of both signs and every exponent: the ends, and numbers spread evenly over
// the significands with random last digits. Infinities and NaN.
static Floats sampleAllExponents(uint32_t perExponent) {
  Floats values = {0.0f, -0.0f, HUGE_VALF, -HUGE_VALF, NAN};
  std::mt19937 random(1);
  uint32_t width = (1u << 23) / perExponent;
  for (uint32_t exponent = 0; exponent < 255; ++exponent)
    for (uint32_t i = 0; i <= perExponent; ++i) {
      uint32_t fraction = i == 0             ? 0
                          : i == perExponent ? (1u << 23) - 1
                                             : i * width + random() % width;
      float value = std::bit_cast<float>(exponent << 23 | fraction);
      values.push_back(value);
      values.push_back(-value);
    }
  return values;
}

static std::string rowsOf(const std::vector<Floats> &arguments) {
  return "tensor<" + std::to_string(arguments[0].size()) + "xf32>";
}

// Runs `op` with `attributes` on arguments of one shape.
static Floats runOp(const std::string &op, const std::string &attributes,
                    const std::vector<Floats> &arguments) {
  std::string type = rowsOf(arguments), declared, used, types;
  std::vector<Bytes> bytes;
  for (const Floats &argument : arguments) {
    std::string comma = bytes.empty() ? "" : ", ";
    std::string name = "%a" + std::to_string(bytes.size());
    declared += comma + name + ": " + type;
    used += comma + name;
    types += comma + type;
    bytes.push_back(toBytes(argument));
  }
  ProgramRunner runner("func.func @f(" + declared + ") -> " + type + " {\n" +
                       "%r = mpc." + op + " " + used + " " + attributes +
                       " : (" + types + ") -> " + type +
                       "\nreturn %r : " + type + "\n}");
  return fromBytes<float>(runner.run("f", bytes).at(0));
}

class MeasuredErrors : public testing::TestWithParam<UnaryError> {};

TEST_P(MeasuredErrors, AreWithinTheStatedOnes) {
  const UnaryError &row = GetParam();
  Floats x = sampleAllExponents(1024);
  std::string name = stringifyUnaryFunction(row.function).str();
  Floats y = runOp("unary " + name, parametersOf(row), {x});
  double worst = 0;
  float where = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    double exact = reference::unaryValue(row.function, double(x[i]),
                                         double(row.alpha), double(row.beta));
    double error = errorInUlps(y[i], exact, row.subnormals);
    if (error > worst)
      std::tie(worst, where) = {error, x[i]};
  }
  RecordProperty("ulps", std::to_string(worst));
  EXPECT_LE(worst, row.ulps) << name << "(" << where << ")";
}

INSTANTIATE_TEST_SUITE_P(
    Functions, MeasuredErrors,
    testing::ValuesIn(unaryErrors().begin(), unaryErrors().end()),
    [](const auto &info) {
      return stringifyUnaryFunction(info.param.function).str();
    });

// Bases of all exponents with exponents that give all exponents, and the edge
// values of both.
TEST(MeasuredErrors, OfPowAreWithinTheStatedOne) {
  Floats x, y;
  std::mt19937 random(1);
  for (float base : sampleAllExponents(256)) {
    double log = std::log2(std::abs(double(base)));
    double target = 280 * (random() / 4294967296.0) - 152;
    x.push_back(base < 0 && random() % 2 ? base : std::abs(base));
    y.push_back(static_cast<float>(target / log));
    if (x.back() < 0)
      y.back() = std::nearbyint(y.back());
  }
  for (double base : edgeValues(formats::FloatFormat::F32))
    for (double exponent : edgeValues(formats::FloatFormat::F32)) {
      x.push_back(static_cast<float>(base));
      y.push_back(static_cast<float>(exponent));
    }
  Floats z = runOp("pow", "", {x, y});
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    double exact = std::pow(double(x[i]), double(y[i]));
    double error = errorInUlps(z[i], exact);
    EXPECT_LE(error, powUlps) << x[i] << "^" << y[i] << " is " << z[i];
    worst = std::max(worst, error);
  }
  RecordProperty("ulps", std::to_string(worst));
}

// A known exponent has arithmetic of its own.
TEST(MeasuredErrors, OfCubesAreWithinThatOfPow) {
  Floats x = sampleAllExponents(1024);
  std::string type = rowsOf({x});
  ProgramRunner runner("func.func @f(%x: " + type + ") -> " + type +
                       " {\n%e = mpc.constant dense<3.0> : tensor<f32> : "
                       "tensor<f32>\n%r = mpc.pow %x, %e : (" +
                       type + ", tensor<f32>) -> " + type +
                       "\nreturn %r : " + type + "\n}");
  Floats y = fromBytes<float>(runner.run("f", {toBytes(x)}).at(0));
  for (size_t i = 0; i < x.size(); ++i)
    EXPECT_LE(errorInUlps(y[i], std::pow(double(x[i]), 3)), powUlps) << x[i];
}

TEST(MeasuredErrors, AreThoseOfTheDocumentation) {
  std::stringstream page;
  page << std::ifstream(MPC_SOURCE_DIR "/docs/numerics.md").rdbuf();
  auto expectRow = [&](const std::string &name, double ulps,
                       double subnormals) {
    std::ostringstream row;
    row << "\n| `" << name << "` | " << ulps << " | " << subnormals << " |\n";
    EXPECT_NE(page.str().find(row.str()), std::string::npos) << row.str();
  };
  for (const UnaryError &error : unaryErrors())
    expectRow(stringifyUnaryFunction(error.function).str(), error.ulps,
              error.subnormals);
  expectRow("pow", powUlps, 0);
  auto power = [](int log) {
    return log == 0 ? std::string(" ") : " 2^" + std::to_string(log) + " ";
  };
  auto expectShort = [&](const std::string &name, std::vector<int> logs) {
    std::string row = "\n| `" + name + "` |";
    for (int log : logs)
      row += power(log) + "|";
    EXPECT_NE(page.str().find(row + "\n"), std::string::npos) << row;
  };
  for (const ShortErrors &error : shortErrors())
    expectShort(stringifyUnaryFunction(error.function).str(),
                {error.of.f16, error.of.bf16, error.ofDerivative.f16,
                 error.ofDerivative.bf16});
  expectShort("pow", {shortPowError.f16, shortPowError.bf16, 0, 0});
  expectShort("sqrt", {shortSqrtError.f16, shortSqrtError.bf16, 0, 0});
}
