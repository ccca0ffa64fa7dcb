// pow, mod and fmod, whose common and rare cases are computed in different
// ways, at many pairs of numbers of each format, against f64.
#include "test/numerics/Cases.h"
#include "test/numerics/RunProgram.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test;
using formats::FloatFormat;

namespace {
/// Pairs of numbers of one format.
struct Pairs {
  FloatFormat format;
  std::vector<double> x, y;

  void add(double left, double right) {
    x.push_back(formats::roundTo(left, format));
    y.push_back(formats::roundTo(right, format));
  }
  void addEdges() {
    for (double left : edgeValues(format))
      for (double right : edgeValues(format))
        add(left, right);
  }
};
} // namespace

static void expectAllowed(const std::string &op, const Pairs &pairs) {
  std::string name(formats::info(pairs.format).name);
  std::string type =
      "tensor<" + std::to_string(pairs.x.size()) + "x" + name + ">";
  std::string text = "func.func @f(%x: " + type + ", %y: " + type + ") -> " +
                     type + " {\n%r = mpc." + op + " %x, %y : (" + type + ", " +
                     type + ") -> " + type + "\nreturn %r : " + type + "\n}";
  SCOPED_TRACE(op + " of " + name);
  Program program(text);
  mlir::func::FuncOp function = program.function("f");
  Tensors values;
  for (mlir::Type argument : function.getArgumentTypes())
    values.emplace_back(mlir::cast<mlir::RankedTensorType>(argument));
  values[0].floats = pairs.x;
  values[1].floats = pairs.y;
  ProgramRunner runner(text);
  ASSERT_TRUE(runner.ok());
  auto got = decoded(runner.run("f", encoded(values)), function);
  EXPECT_EQ(Expectation(function, values).check(got), "");
}

// Every base, with exponents for which results have all exponents of the
// format, and with small integers.
TEST(Pairs, PowIsWithinTheStatedErrors) {
  for (FloatFormat format : {FloatFormat::F16, FloatFormat::BF16}) {
    Pairs pairs{format, {}, {}};
    std::mt19937 random(1);
    double least = format == FloatFormat::F16 ? -26 : -135;
    double span = format == FloatFormat::F16 ? 43 : 264;
    for (uint32_t pattern = 0; pattern < 0x10000; ++pattern) {
      double base = formats::toDouble(pattern, format);
      double target = least + span * (random() / 4294967296.0);
      pairs.add(base, target / std::log2(std::abs(base)));
      pairs.add(base, double(int(random() % 33)) - 16);
    }
    pairs.addEdges();
    expectAllowed("pow", pairs);
  }
}

// Quotients of all magnitudes, at integers and beside them.
TEST(Pairs, RemaindersAreExact) {
  for (FloatFormat format :
       {FloatFormat::F32, FloatFormat::F16, FloatFormat::BF16}) {
    Pairs pairs{format, {}, {}};
    std::mt19937 random(1);
    auto uniform = [&] { return random() / 4294967296.0; };
    int widest = format == FloatFormat::F16 ? 40 : 250;
    for (int i = 0; i < 200000; ++i) {
      double scale = format == FloatFormat::F16 ? -24 : -149;
      double y = std::exp2(scale + widest * uniform() * uniform());
      double quotient =
          std::exp2(uniform() < 0.8 ? 24 * uniform() - 3 : widest * uniform());
      if (random() % 2)
        quotient = std::nearbyint(quotient);
      y = formats::roundTo(y, format);
      double x = formats::roundTo(quotient * y, format);
      pairs.add(random() % 2 ? x : -x, random() % 2 ? y : -y);
    }
    pairs.addEdges();
    expectAllowed("fmod", pairs);
    expectAllowed("mod", pairs);
  }
}
