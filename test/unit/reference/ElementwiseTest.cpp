// Functions, relations and integer arithmetic at values that can be checked by
// hand.
#include "compiler/reference/Unary.h"
#include "test/unit/reference/Program.h"
#include <cmath>

using namespace mpc;
using namespace mpc::reference;
using mpc::test::Program;
using Doubles = std::vector<double>;
using Integers = std::vector<int64_t>;
using F = UnaryFunction;

static const double nan_ = std::nan("");

// One op of two operands of `type`.
static std::string binary(const std::string &op, const std::string &type,
                          const std::string &result) {
  std::string in = "tensor<" + type + ">", out = "tensor<" + result + ">";
  return "func.func @f(%a: " + in + ", %b: " + in + ") -> " + out +
         " {\n%r = mpc." + op + " %a, %b : (" + in + ", " + in + ") -> " + out +
         "\nreturn %r : " + out + " }";
}

static Integers ofIntegers(const std::string &op, const std::string &type,
                           Integers a, Integers b) {
  Program p(binary(op, type, type));
  return p.run({p.integers(type, std::move(a)), p.integers(type, std::move(b))})
      .values[0]
      .integers;
}

static Doubles ofFloats(const std::string &op, const std::string &type,
                        Doubles a, Doubles b) {
  Program p(binary(op, type, type));
  return p.run({p.floats(type, std::move(a)), p.floats(type, std::move(b))})
      .values[0]
      .floats;
}

TEST(ReferenceIntegers, AQuotientByZeroIsZero) {
  EXPECT_EQ(ofIntegers("div", "3xi32", {7, INT32_MIN, -7}, {0, -1, 2}),
            (Integers{0, INT32_MIN, -3}));
}

TEST(ReferenceIntegers, RemaindersHaveTheSignOfDivisorOrDividend) {
  Integers a = {7, -7, 7, -7, 5, -128}, b = {3, 3, -3, -3, 0, -1};
  EXPECT_EQ(ofIntegers("mod", "6xi8", a, b), (Integers{1, 2, -2, -1, 0, 0}));
  EXPECT_EQ(ofIntegers("fmod", "6xi8", a, b), (Integers{1, -1, 1, -1, 0, 0}));
}

TEST(ReferenceIntegers, PowersWrap) {
  EXPECT_EQ(
      ofIntegers("pow", "6xi8", {3, 2, 0, -1, 1, 5}, {5, 7, 0, -3, -2, -1}),
      (Integers{-13, -128, 1, -1, 1, 0}));
}

TEST(ReferenceBinary, RemaindersOfFloats) {
  Doubles a = {5.5, -5.5, 5.5, -6, 1}, b = {2, 2, -2, 3, 0};
  Doubles mod = ofFloats("mod", "5xf32", a, b);
  Doubles fmod = ofFloats("fmod", "5xf32", a, b);
  EXPECT_EQ(Doubles(mod.begin(), mod.begin() + 4),
            (Doubles{1.5, 0.5, -0.5, 0}));
  EXPECT_EQ(Doubles(fmod.begin(), fmod.begin() + 4),
            (Doubles{1.5, -1.5, 1.5, 0}));
  EXPECT_FALSE(std::signbit(mod[3]));
  EXPECT_TRUE(std::signbit(fmod[3]));
  EXPECT_TRUE(std::isnan(mod[4]) && std::isnan(fmod[4]));
}

TEST(ReferenceBinary, ExtremaKeepNaN) {
  for (const char *op : {"max", "min"}) {
    Doubles r = ofFloats(op, "3xf32", {nan_, 1, -2}, {1, nan_, 3});
    EXPECT_TRUE(std::isnan(r[0]) && std::isnan(r[1])) << op;
    EXPECT_EQ(r[2], std::string(op) == "max" ? 3 : -2);
  }
}

TEST(ReferenceBinary, PowIsThatOfIeee754) {
  EXPECT_EQ(
      ofFloats("pow", "5xf32", {2, -2, nan_, 1, -0.0}, {-2, 3, 0, nan_, -1}),
      (Doubles{0.25, -8, 1, 1, -HUGE_VAL}));
}

TEST(ReferenceRelations, ComparisonsWithNaNAreFalse) {
  for (auto [name, expected] : {std::pair("equal", Integers{0, 1, 0}),
                                {"less", Integers{1, 0, 0}},
                                {"less_or_equal", Integers{1, 1, 0}},
                                {"greater", Integers{0, 0, 0}},
                                {"greater_or_equal", Integers{0, 1, 0}}}) {
    Program p(binary(std::string("compare ") + name, "3xf32", "3xi1"));
    EXPECT_EQ(p.run({p.floats("3xf32", {1, 2, nan_}),
                     p.floats("3xf32", {2, 2, nan_})})
                  .values[0]
                  .integers,
              expected)
        << name;
  }
}

TEST(ReferenceRelations, TruthValues) {
  Integers a = {0, 0, 1, 1}, b = {0, 1, 0, 1};
  EXPECT_EQ(ofIntegers("and", "4xi1", a, b), (Integers{0, 0, 0, 1}));
  EXPECT_EQ(ofIntegers("or", "4xi1", a, b), (Integers{0, 1, 1, 1}));
  EXPECT_EQ(ofIntegers("xor", "4xi1", a, b), (Integers{0, 1, 1, 0}));
  EXPECT_EQ(ofIntegers("xor", "2xi32", {12, -1}, {10, 1}), (Integers{6, -2}));
}

TEST(ReferenceRelations, NanInfinityAndNot) {
  Program p(
      R"(func.func @f(%x: tensor<4xf32>) -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) {
    %n = mpc.is_nan %x : (tensor<4xf32>) -> tensor<4xi1>
    %i = mpc.is_inf %x {negative} : (tensor<4xf32>) -> tensor<4xi1>
    %r = mpc.not %n : (tensor<4xi1>) -> tensor<4xi1>
    return %n, %i, %r : tensor<4xi1>, tensor<4xi1>, tensor<4xi1> })");
  Outcome o = p.run({p.floats("4xf32", {nan_, HUGE_VAL, -HUGE_VAL, 1})});
  EXPECT_EQ(o.values[0].integers, (Integers{1, 0, 0, 0}));
  EXPECT_EQ(o.values[1].integers, (Integers{0, 0, 1, 0}));
  EXPECT_EQ(o.values[2].integers, (Integers{0, 1, 1, 1}));
}

TEST(ReferenceRelations, ConversionsSaturateOrWrap) {
  Program p(
      R"(func.func @f(%x: tensor<5xf32>, %i: tensor<3xi64>) -> (tensor<5xi8>, tensor<5xi1>, tensor<3xi8>, tensor<3xf32>) {
    %a = mpc.convert %x : tensor<5xf32> to tensor<5xi8>
    %b = mpc.convert %x : tensor<5xf32> to tensor<5xi1>
    %c = mpc.convert %i : tensor<3xi64> to tensor<3xi8>
    %d = mpc.convert %i : tensor<3xi64> to tensor<3xf32>
    return %a, %b, %c, %d : tensor<5xi8>, tensor<5xi1>, tensor<3xi8>, tensor<3xf32> })");
  Outcome o = p.run({p.floats("5xf32", {-1.75, 300, -300, nan_, 0}),
                     p.integers("3xi64", {257, -1, 16777217})});
  EXPECT_EQ(o.values[0].integers, (Integers{-1, 127, -128, 0, 0}));
  EXPECT_EQ(o.values[1].integers, (Integers{1, 1, 1, 1, 0}));
  EXPECT_EQ(o.values[2].integers, (Integers{1, -1, 1}));
  EXPECT_EQ(o.values[3].floats, (Doubles{257, -1, 16777216}));
}

// Values that other sources print: f, x, alpha, beta, f(x), f'(x).
TEST(ReferenceUnary, ValuesAndDerivatives) {
  struct Row {
    F function;
    double x, alpha, beta, value, derivative;
  };
  const Row rows[] = {
      {F::Sigmoid, 0, 0, 0, 0.5, -2},
      {F::Softplus, 0, 0, 0, M_LN2, 0.5},
      {F::Softsign, -3, 0, 0, -0.75, 0.0625},
      {F::Silu, 1, 0, 0, 0.7310585786300049, 0.9276705118714867},
      {F::Mish, 1, 0, 0, 0.8650983882673103, 1.0490362200997922},
      {F::Gelu, 1, 0, 0, 0.8413447460685429, 1.0833154705876864},
      {F::GeluTanh, 1, 0, 0, 0.8411919906082768, 1.0829640838457826},
      {F::Elu, -M_LN2, 2, 0, -1, 1},
      {F::Selu, -M_LN2, 2, 3, -3, 3},
      {F::Celu, -2 * M_LN2, 2, 0, -1, 0.5},
      {F::LeakyRelu, -4, 0.25, 0, -1, 0.25},
      {F::ThresholdedRelu, 1, 1, 0, 0, 0},
      {F::HardSigmoid, 1, 0.25, 0.5, 0.75, 0.25},
      {F::HardSwish, 1, 0, 0, 2.0 / 3, 5.0 / 6},
      {F::Shrink, -2, 0.5, 0.25, -1.75, 1},
      {F::Round, 2.5, 0, 0, 2, nan_},
      {F::Acosh, 2, 0, 0, 1.3169578969248166, 1 / std::sqrt(3.0)},
      {F::Atanh, 0.5, 0, 0, 0.5493061443340548, 4.0 / 3}};
  for (const Row &row : rows) {
    std::string name = mpc::stringifyUnaryFunction(row.function).str();
    EXPECT_NEAR(unaryValue(row.function, row.x, row.alpha, row.beta), row.value,
                1e-12)
        << name;
    if (hasZeroDerivative(row.function))
      continue;
    // Of the sigmoid it is a function of the result, here taken at 2 or -1.
    double saved = row.function == F::Sigmoid ? 2 : row.x;
    EXPECT_NEAR(unaryDerivative(row.function, saved, row.alpha, row.beta),
                row.derivative, 1e-12)
        << name;
  }
}

TEST(ReferenceUnary, ActivationsHaveLimitsAtTheInfinities) {
  for (F function : {F::Silu, F::Mish, F::Gelu, F::GeluTanh}) {
    EXPECT_EQ(unaryValue(function, -HUGE_VAL), 0);
    EXPECT_EQ(unaryValue(function, HUGE_VAL), HUGE_VAL);
    EXPECT_EQ(unaryDerivative(function, -HUGE_VAL), 0);
    EXPECT_EQ(unaryDerivative(function, HUGE_VAL), 1);
  }
  EXPECT_EQ(unaryValue(F::Softsign, -HUGE_VAL), -1);
  EXPECT_EQ(unaryValue(F::HardSwish, -HUGE_VAL), 0);
}

TEST(ReferenceUnary, NanStaysNan) {
  for (uint32_t i = 0; auto function = symbolizeUnaryFunction(i); ++i)
    EXPECT_TRUE(std::isnan(unaryValue(*function, nan_, 0.5, 0.25)))
        << stringifyUnaryFunction(*function).str();
}

TEST(ReferenceUnary, GradientIsTheDerivativeTimesTheGradient) {
  Program p(
      R"(func.func @f(%g: tensor<2xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
    %r = mpc.unary_grad tanh %g, %y : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    return %r : tensor<2xf32> })");
  EXPECT_EQ(p.run({p.floats("2xf32", {4, 2}), p.floats("2xf32", {0.5, 0})})
                .values[0]
                .floats,
            (Doubles{3, 2}));
}
