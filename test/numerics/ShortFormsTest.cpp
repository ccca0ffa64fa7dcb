// Functions whose result is stored in f16 or bf16, and their derivatives, at
// every number of both formats, against f64.
#include "test/numerics/RunProgram.h"
#include "test/numerics/UnaryErrors.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test;
using formats::FloatFormat;

static std::vector<double> allNumbers() {
  std::vector<double> numbers;
  for (FloatFormat format : {FloatFormat::F16, FloatFormat::BF16})
    for (uint32_t pattern = 0; pattern < 0x10000; ++pattern)
      numbers.push_back(formats::toDouble(pattern, format));
  return numbers;
}

static std::string typeOf(llvm::StringRef format) {
  return "tensor<131072x" + format.str() + ">";
}

// Runs `op` on f32 for a result of the format; all arguments but the last are
// 1.
static void expectWithinBounds(const std::string &op,
                               const std::string &attributes, int64_t arguments,
                               const std::string &format, Target target) {
  std::string given = typeOf("f32"), result = typeOf(format);
  std::string declared = "%x: " + given, used = "%x", types = given;
  if (arguments == 2) {
    declared = "%g: " + given + ", " + declared;
    used = "%g, " + used;
    types += ", " + given;
  }
  std::string text = "func.func @f(" + declared + ") -> " + result + " {\n" +
                     "%r = mpc." + op + " " + used + " " + attributes + " : (" +
                     types + ") -> " + result + "\nreturn %r : " + result +
                     "\n}";
  SCOPED_TRACE(op + " to " + format + " on " + target.name().str());
  Program program(text);
  mlir::func::FuncOp function = program.function("f");
  Tensors values;
  for (mlir::Type type : function.getArgumentTypes()) {
    values.emplace_back(mlir::cast<mlir::RankedTensorType>(type));
    values.back().floats.assign(values.back().size(), 1);
  }
  values.back().floats = allNumbers();
  ProgramRunner runner(text, target);
  ASSERT_TRUE(runner.ok());
  auto got = decoded(runner.run("f", encoded(values)), function);
  Expectation expected(function, values);
  EXPECT_EQ(expected.check(got), "");
  // At 0 and -0, which the bounds let be either.
  for (size_t i : {0x0000, 0x8000})
    if (!std::isnan(got[0].floats[i]))
      EXPECT_EQ(std::signbit(got[0].floats[i]),
                std::signbit(expected.rounded[0].floats[i]));
}

class ShortForms : public testing::TestWithParam<ShortErrors> {};

TEST_P(ShortForms, AreWithinTheStatedErrors) {
  std::string name = stringifyUnaryFunction(GetParam().function).str();
  std::string parameters = parametersOf(unaryError(GetParam().function));
  // A GPU has instructions for some parts.
  for (Target::Kind kind : {Target::Kind::Cpu, Target::Kind::Sm80})
    for (std::string format : {"f16", "bf16"}) {
      expectWithinBounds("unary " + name, parameters, 1, format, {kind});
      expectWithinBounds("unary_grad " + name, parameters, 2, format, {kind});
    }
}

INSTANTIATE_TEST_SUITE_P(
    Functions, ShortForms,
    testing::ValuesIn(shortErrors().begin(), shortErrors().end()),
    [](const auto &info) {
      return stringifyUnaryFunction(info.param.function).str();
    });

TEST(ShortSquareRoots, AreWithinTheStatedError) {
  for (Target::Kind kind : {Target::Kind::Cpu, Target::Kind::Sm80})
    for (std::string format : {"f16", "bf16"})
      expectWithinBounds("sqrt", "", 1, format, {kind});
}

// Rows of 0 and a number: of each two results one is the power of a number up
// to 0, divided by a sum between 1 and 2.
TEST(ShortSoftmax, IsWithinTheStatedErrors) {
  const std::vector<double> numbers = allNumbers();
  for (std::string format : {"f16", "bf16"}) {
    SCOPED_TRACE(format);
    std::string result = "tensor<131072x2x" + format + ">";
    std::string text = "func.func @f(%x: tensor<131072x2xf32>) -> " + result +
                       " {\n%r = mpc.softmax %x {axis = 1 : i64} : "
                       "(tensor<131072x2xf32>) -> " +
                       result + "\nreturn %r : " + result + "\n}";
    Program program(text);
    mlir::func::FuncOp function = program.function("f");
    Tensors values;
    values.emplace_back(
        mlir::cast<mlir::RankedTensorType>(function.getArgumentTypes()[0]));
    for (size_t i = 0; i < numbers.size(); ++i) {
      values[0].floats[2 * i] = 0;
      values[0].floats[2 * i + 1] = numbers[i];
    }
    ProgramRunner runner(text);
    ASSERT_TRUE(runner.ok());
    auto got = decoded(runner.run("f", encoded(values)), function);
    EXPECT_EQ(Expectation(function, values).check(got), "");
  }
}
