// One case per op whose value can be checked by hand, at numbers where a wrong
// formula differs.
#include "test/unit/reference/Program.h"
#include <cmath>

using namespace mpc;
using namespace mpc::reference;
using mpc::test::Program;
using Doubles = std::vector<double>;
using Integers = std::vector<int64_t>;

static const double nan_ = std::nan("");

TEST(ReferenceElementwise, BroadcastsLikeNumPy) {
  Program p(
      R"(func.func @f(%a: tensor<2x1xf32>, %b: tensor<3xf32>) -> tensor<2x3xf32> {
    %r = mpc.sub %a, %b : (tensor<2x1xf32>, tensor<3xf32>) -> tensor<2x3xf32>
    return %r : tensor<2x3xf32> })");
  EXPECT_EQ(p.run({p.floats("2x1xf32", {10, 20}), p.floats("3xf32", {1, 2, 3})})
                .values[0]
                .floats,
            (Doubles{9, 8, 7, 19, 18, 17}));
}

TEST(ReferenceElementwise, IntegersWrapAndDivideTowardsZero) {
  Program p(
      R"(func.func @f(%a: tensor<3xi8>, %b: tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>) {
    %s = mpc.add %a, %b : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
    %q = mpc.div %a, %b : (tensor<3xi8>, tensor<3xi8>) -> tensor<3xi8>
    return %s, %q : tensor<3xi8>, tensor<3xi8> })");
  Outcome o = p.run(
      {p.integers("3xi8", {127, -128, -7}), p.integers("3xi8", {1, -1, 2})});
  EXPECT_EQ(o.values[0].integers, (Integers{-128, 127, -5}));
  EXPECT_EQ(o.values[1].integers, (Integers{127, -128, -3}));
}

TEST(ReferenceElementwise, ReluKeepsNaNAndDropsTheSignOfZero) {
  Program p(
      R"(func.func @f(%x: tensor<4xf32>, %g: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
    %y = mpc.relu %x : (tensor<4xf32>) -> tensor<4xf32>
    %d = mpc.relu_grad %g, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    return %y, %d : tensor<4xf32>, tensor<4xf32> })");
  Outcome o = p.run({p.floats("4xf32", {nan_, -0.0, -2, 3}),
                     p.floats("4xf32", {5, 6, 7, 8})});
  EXPECT_TRUE(std::isnan(o.values[0].floats[0]));
  EXPECT_FALSE(std::signbit(o.values[0].floats[1]));
  EXPECT_EQ(o.values[0].floats[3], 3);
  EXPECT_EQ(o.values[1].floats, (Doubles{0, 0, 0, 8}));
}

TEST(ReferenceElementwise, SelectNegSqrtConstant) {
  Program p(R"(func.func @f(%c: tensor<2xi1>) -> tensor<2xf32> {
    %x = mpc.constant dense<[4.0, 2.0]> : tensor<2xf32> : tensor<2xf32>
    %n = mpc.neg %x : (tensor<2xf32>) -> tensor<2xf32>
    %s = mpc.sqrt %x : (tensor<2xf32>) -> tensor<2xf32>
    %r = mpc.select %c, %n, %s : (tensor<2xi1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    return %r : tensor<2xf32> })");
  EXPECT_EQ(p.run({p.integers("2xi1", {1, 0})}).values[0].floats,
            (Doubles{-4, static_cast<double>(std::sqrt(2.0f))}));
}

TEST(ReferenceShape, TransposeMovesDimensionPermToItsPlace) {
  Program p(R"(func.func @f(%x: tensor<1x2x3xi32>) -> tensor<3x1x2xi32> {
    %r = mpc.transpose %x {perm = array<i64: 2, 0, 1>} : (tensor<1x2x3xi32>) -> tensor<3x1x2xi32>
    return %r : tensor<3x1x2xi32> })");
  EXPECT_EQ(
      p.run({p.integers("1x2x3xi32", {0, 1, 2, 3, 4, 5})}).values[0].integers,
      (Integers{0, 3, 1, 4, 2, 5}));
}

TEST(ReferenceShape, BroadcastRepeatsAndReshapeKeepsTheOrder) {
  Program p(R"(func.func @f(%x: tensor<2x1xf32>) -> tensor<4xf32> {
    %b = mpc.broadcast %x : (tensor<2x1xf32>) -> tensor<2x2xf32>
    %r = mpc.reshape %b : (tensor<2x2xf32>) -> tensor<4xf32>
    return %r : tensor<4xf32> })");
  EXPECT_EQ(p.run({p.floats("2x1xf32", {1, 2})}).values[0].floats,
            (Doubles{1, 1, 2, 2}));
}

TEST(ReferenceReduction, SumsOverTheAxes) {
  Program p(R"(func.func @f(%x: tensor<2x3x2xf32>) -> tensor<1x3x1xf32> {
    %r = mpc.reduce_sum %x {axes = array<i64: 0, 2>, keep_dims} : (tensor<2x3x2xf32>) -> tensor<1x3x1xf32>
    return %r : tensor<1x3x1xf32> })");
  EXPECT_EQ(
      p.run({p.floats("2x3x2xf32", {1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60})})
          .values[0]
          .floats,
      (Doubles{33, 77, 121}));
}

TEST(ReferenceLinearAlgebra, GemmTransposesScalesAndAddsC) {
  Program p(
      R"(func.func @f(%a: tensor<2x1xf32>, %b: tensor<3x2xf32>, %c: tensor<3xf32>) -> tensor<1x3xf32> {
    %r = mpc.gemm %a, %b, %c {alpha = 2.0 : f32, beta = 3.0 : f32, trans_a, trans_b}
      : (tensor<2x1xf32>, tensor<3x2xf32>, tensor<3xf32>) -> tensor<1x3xf32>
    return %r : tensor<1x3xf32> })");
  EXPECT_EQ(p.run({p.floats("2x1xf32", {1, 10}),
                   p.floats("3x2xf32", {1, 2, 3, 4, 5, 6}),
                   p.floats("3xf32", {100, 200, 300})})
                .values[0]
                .floats,
            (Doubles{342, 686, 1030}));
}

// Padding, stride and dilation are in the positions, so an impulse shows them.
TEST(ReferenceConvolution, StridesPadsAndDilates) {
  Program p(
      R"(func.func @f(%x: tensor<1x1x4x3xf32>, %w: tensor<1x1x2x1xf32>, %b: tensor<1xf32>) -> tensor<1x1x3x2xf32> {
    %r = mpc.conv %x, %w, %b {strides = array<i64: 1, 2>, pads = array<i64: 1, 0, 0, 0>, dilations = array<i64: 2, 1>}
      : (tensor<1x1x4x3xf32>, tensor<1x1x2x1xf32>, tensor<1xf32>) -> tensor<1x1x3x2xf32>
    return %r : tensor<1x1x3x2xf32> })");
  EXPECT_EQ(
      p.run({p.floats("1x1x4x3xf32", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}),
             p.floats("1x1x2x1xf32", {1, 100}), p.floats("1xf32", {0.5})})
          .values[0]
          .floats,
      (Doubles{300.5, 500.5, 600.5, 802.5, 903.5, 1105.5}));
}

// Filters 0 and 1 see channel 0 alone, filters 2 and 3 channel 1.
TEST(ReferenceConvolution, GroupsSeeTheirOwnChannels) {
  Program p(
      R"(func.func @f(%x: tensor<1x2x1x2xf32>, %w: tensor<4x1x1x1xf32>, %g: tensor<1x4x1x2xf32>)
      -> (tensor<1x4x1x2xf32>, tensor<1x2x1x2xf32>, tensor<4x1x1x1xf32>) {
    %y = mpc.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64}
      : (tensor<1x2x1x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x1x2xf32>
    %dx = mpc.conv_input_grad %g, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64}
      : (tensor<1x4x1x2xf32>, tensor<4x1x1x1xf32>) -> tensor<1x2x1x2xf32>
    %dw = mpc.conv_weight_grad %g, %x {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64}
      : (tensor<1x4x1x2xf32>, tensor<1x2x1x2xf32>) -> tensor<4x1x1x1xf32>
    return %y, %dx, %dw : tensor<1x4x1x2xf32>, tensor<1x2x1x2xf32>, tensor<4x1x1x1xf32> })");
  Outcome o = p.run({p.floats("1x2x1x2xf32", {1, 2, 3, 4}),
                     p.floats("4x1x1x1xf32", {1, 10, 100, 1000}),
                     p.floats("1x4x1x2xf32", {1, 2, 3, 4, 5, 6, 7, 8})});
  EXPECT_EQ(o.values[0].floats, (Doubles{1, 2, 10, 20, 300, 400, 3000, 4000}));
  EXPECT_EQ(o.values[1].floats, (Doubles{31, 42, 7500, 8600}));
  EXPECT_EQ(o.values[2].floats, (Doubles{5, 11, 39, 53}));
}

TEST(ReferenceLinearAlgebra, BatchMatmulMultipliesMatrixByMatrix) {
  struct Form {
    const char *attributes, *a, *b;
    Doubles ofA, ofB;
  };
  // [1 2] * [1 3; 2 4]' and the same with 10 added to all.
  const Form forms[] = {{"",
                         "2x1x2xf32",
                         "2x2x2xf32",
                         {1, 2, 11, 12},
                         {1, 2, 3, 4, 11, 12, 13, 14}},
                        {"{trans_a}",
                         "2x2x1xf32",
                         "2x2x2xf32",
                         {1, 2, 11, 12},
                         {1, 2, 3, 4, 11, 12, 13, 14}},
                        {"{trans_b}",
                         "2x1x2xf32",
                         "2x2x2xf32",
                         {1, 2, 11, 12},
                         {1, 3, 2, 4, 11, 13, 12, 14}},
                        {"{trans_a, trans_b}",
                         "2x2x1xf32",
                         "2x2x2xf32",
                         {1, 2, 11, 12},
                         {1, 3, 2, 4, 11, 13, 12, 14}}};
  for (const Form &form : forms) {
    std::string a = std::string("tensor<") + form.a + ">",
                b = std::string("tensor<") + form.b + ">";
    Program p("func.func @f(%a: " + a + ", %b: " + b +
              ") -> tensor<2x1x2xf32> {\n  %r = mpc.batch_matmul %a, %b " +
              form.attributes + " : (" + a + ", " + b +
              ") -> tensor<2x1x2xf32>\n  return %r : tensor<2x1x2xf32> }");
    EXPECT_EQ(p.run({p.floats(form.a, form.ofA), p.floats(form.b, form.ofB)})
                  .values[0]
                  .floats,
              (Doubles{7, 10, 277, 300}));
  }
}

TEST(ReferencePooling, MaxTakesNaNAndTheFirstOfEquals) {
  Program p(
      R"(func.func @f(%x: tensor<1x1x1x4xf32>, %g: tensor<1x1x1x3xf32>) -> (tensor<1x1x1x3xf32>, tensor<1x1x1x4xf32>) {
    %y = mpc.max_pool %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x1x1x4xf32>) -> tensor<1x1x1x3xf32>
    %d = mpc.max_pool_grad %g, %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
      : (tensor<1x1x1x3xf32>, tensor<1x1x1x4xf32>) -> tensor<1x1x1x4xf32>
    return %y, %d : tensor<1x1x1x3xf32>, tensor<1x1x1x4xf32> })");
  Outcome o = p.run({p.floats("1x1x1x4xf32", {2, 2, nan_, 9}),
                     p.floats("1x1x1x3xf32", {1, 10, 100})});
  EXPECT_EQ(o.values[0].floats[0], 2);
  EXPECT_TRUE(std::isnan(o.values[0].floats[1]));
  EXPECT_TRUE(std::isnan(o.values[0].floats[2]));
  EXPECT_EQ(o.values[1].floats, (Doubles{1, 0, 110, 0}));
}

TEST(ReferencePooling, PaddingNeverWinsAMaximum) {
  Program p(R"(func.func @f(%x: tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32> {
    %y = mpc.max_pool %x {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
      : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
    return %y : tensor<1x1x1x1xf32> })");
  EXPECT_EQ(p.run({p.floats("1x1x1x1xf32", {-INFINITY})}).values[0].floats,
            Doubles{-INFINITY});
}

TEST(ReferencePooling, MeansCountPaddingOnlyWhenAsked) {
  for (bool pad : {false, true}) {
    std::string attributes =
        "{kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, pads = "
        "array<i64: 0, 1, 0, 0>, dilations = array<i64: 1, 1>" +
        std::string(pad ? ", count_include_pad}" : "}");
    Program p("func.func @f(%x: tensor<1x1x1x2xf32>, %g: tensor<1x1x1x2xf32>)"
              " -> (tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>) {"
              "%y = mpc.average_pool %x " +
              attributes +
              ": (tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32>"
              "%d = mpc.average_pool_grad %g " +
              attributes +
              ": (tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32>"
              "return %y, %d : tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32> }");
    Outcome o = p.run(
        {p.floats("1x1x1x2xf32", {4, 8}), p.floats("1x1x1x2xf32", {2, 6})});
    EXPECT_EQ(o.values[0].floats, (Doubles{pad ? 2.0 : 4.0, 6}));
    EXPECT_EQ(o.values[1].floats, (Doubles{pad ? 4.0 : 5.0, 3}));
  }
}

TEST(ReferencePooling, DilatedWindowsSkipElements) {
  Program p(
      R"(func.func @f(%x: tensor<1x1x1x4xf32>, %g: tensor<1x1x1x2xf32>) -> (tensor<1x1x1x2xf32>, tensor<1x1x1x4xf32>, tensor<1x1x1x2xf32>) {
    %y = mpc.max_pool %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 2>}
      : (tensor<1x1x1x4xf32>) -> tensor<1x1x1x2xf32>
    %d = mpc.max_pool_grad %g, %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 2>}
      : (tensor<1x1x1x2xf32>, tensor<1x1x1x4xf32>) -> tensor<1x1x1x4xf32>
    %m = mpc.average_pool %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 2>}
      : (tensor<1x1x1x4xf32>) -> tensor<1x1x1x2xf32>
    return %y, %d, %m : tensor<1x1x1x2xf32>, tensor<1x1x1x4xf32>, tensor<1x1x1x2xf32> })");
  Outcome o = p.run(
      {p.floats("1x1x1x4xf32", {1, 9, 3, 4}), p.floats("1x1x1x2xf32", {5, 7})});
  EXPECT_EQ(o.values[0].floats, (Doubles{3, 9}));
  EXPECT_EQ(o.values[1].floats, (Doubles{0, 7, 5, 0}));
  EXPECT_EQ(o.values[2].floats, (Doubles{2, 6.5}));
}

TEST(ReferencePooling, AWindowBetweenTwoElementsIsEmpty) {
  Program p(
      R"(func.func @f(%x: tensor<1x1x1x1xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) {
    %y = mpc.max_pool %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>, dilations = array<i64: 1, 2>}
      : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
    %d = mpc.max_pool_grad %x, %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>, dilations = array<i64: 1, 2>}
      : (tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
    %m = mpc.average_pool %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>, dilations = array<i64: 1, 2>}
      : (tensor<1x1x1x1xf32>) -> tensor<1x1x1x1xf32>
    return %y, %d, %m : tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32> })");
  Outcome o = p.run({p.floats("1x1x1x1xf32", {3})});
  EXPECT_EQ(o.values[0].floats, Doubles{-INFINITY});
  EXPECT_EQ(o.values[1].floats, Doubles{0});
  EXPECT_TRUE(std::isnan(o.values[2].floats[0]));
}

// The second window covers one element, one of the padding and one beyond it.
TEST(ReferencePooling, NothingBeyondThePaddingIsCounted) {
  for (bool pad : {false, true}) {
    std::string attributes =
        "{kernel = array<i64: 1, 3>, strides = array<i64: 1, 2>, pads = "
        "array<i64: 0, 0, 0, 1>, dilations = array<i64: 1, 1>" +
        std::string(pad ? ", count_include_pad}" : "}");
    Program p("func.func @f(%x: tensor<1x1x1x3xf32>, %g: tensor<1x1x1x2xf32>)"
              " -> (tensor<1x1x1x2xf32>, tensor<1x1x1x3xf32>) {"
              "%y = mpc.average_pool %x " +
              attributes +
              ": (tensor<1x1x1x3xf32>) -> tensor<1x1x1x2xf32>"
              "%d = mpc.average_pool_grad %g " +
              attributes +
              ": (tensor<1x1x1x2xf32>) -> tensor<1x1x1x3xf32>"
              "return %y, %d : tensor<1x1x1x2xf32>, tensor<1x1x1x3xf32> }");
    Outcome o = p.run(
        {p.floats("1x1x1x3xf32", {3, 6, 12}), p.floats("1x1x1x2xf32", {9, 8})});
    EXPECT_EQ(o.values[0].floats, (Doubles{7, pad ? 6.0 : 12.0}));
    EXPECT_EQ(o.values[1].floats, (Doubles{3, 3, pad ? 7.0 : 11.0}));
  }
}

TEST(ReferenceNormalization, TrainingUsesThePopulationVariance) {
  Program p(
      R"(func.func @f(%x: tensor<2x1xf32>, %s: tensor<1xf32>, %b: tensor<1xf32>, %m: tensor<1xf32>, %v: tensor<1xf32>)
      -> (tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) {
    %r:5 = mpc.batch_normalization %x, %s, %b, %m, %v {epsilon = 0.0 : f32, momentum = 0.75 : f32}
      : (tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
      -> (tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    return %r#0, %r#1, %r#2, %r#3, %r#4 : tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32> })");
  auto one = [&](double x) { return p.floats("1xf32", {x}); };
  Outcome o =
      p.run({p.floats("2x1xf32", {1, 5}), one(3), one(10), one(4), one(8)});
  EXPECT_EQ(o.values[0].floats, (Doubles{7, 13}));
  EXPECT_EQ(o.values[1].floats, Doubles{3.75}); // 4 * 0.75 + 3 * 0.25
  EXPECT_EQ(o.values[2].floats, Doubles{7});    // 8 * 0.75 + 4 * 0.25
  EXPECT_EQ(o.values[3].floats, Doubles{3});
  EXPECT_EQ(o.values[4].floats, Doubles{0.5});
}

TEST(ReferenceNormalization, InferenceUsesTheGivenStatistics) {
  Program p(
      R"(func.func @f(%x: tensor<1x1xf32>, %v: tensor<1xf32>) -> tensor<1x1xf32> {
    %y = mpc.batch_normalization_inference %x, %v, %v, %v, %v {epsilon = 5.0 : f32}
      : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
    return %y : tensor<1x1xf32> })");
  // (7 - 4) / sqrt(4 + 5) * 4 + 4
  EXPECT_EQ(p.run({p.floats("1x1xf32", {7}), p.floats("1xf32", {4})})
                .values[0]
                .floats,
            Doubles{8});
}

TEST(ReferenceNormalization, GradientFollowsIoffeAndSzegedy) {
  Program p(
      R"(func.func @f(%g: tensor<2x1xf32>, %x: tensor<2x1xf32>, %s: tensor<1xf32>, %m: tensor<1xf32>, %i: tensor<1xf32>)
      -> (tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>) {
    %r:3 = mpc.batch_normalization_grad %g, %x, %s, %m, %i
      : (tensor<2x1xf32>, tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
      -> (tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32>)
    return %r#0, %r#1, %r#2 : tensor<2x1xf32>, tensor<1xf32>, tensor<1xf32> })");
  auto one = [&](double x) { return p.floats("1xf32", {x}); };
  // xhat = (-0.5, 1), dbias = 12, dscale = -2 + 8 = 6;
  // dx = 3 * 0.5 * (dy - 6 - xhat * 3)
  Outcome o = p.run({p.floats("2x1xf32", {4, 8}), p.floats("2x1xf32", {2, 5}),
                     one(3), one(3), one(0.5)});
  EXPECT_EQ(o.values[0].floats, (Doubles{-0.75, -1.5}));
  EXPECT_EQ(o.values[1].floats, Doubles{6});
  EXPECT_EQ(o.values[2].floats, Doubles{12});
}

static const char *crossEntropy =
    R"(func.func @f(%x: tensor<2x3xf32>, %y: tensor<3xi64>, %g: tensor<f32>)
      -> (tensor<f32>, tensor<2x3xf32>) {
    %l = mpc.cross_entropy %x, %y {class_axis = 0, ignore_index = -100} : (tensor<2x3xf32>, tensor<3xi64>) -> tensor<f32>
    %d = mpc.cross_entropy_grad %g, %x, %y {class_axis = 0, ignore_index = -100} : (tensor<f32>, tensor<2x3xf32>, tensor<3xi64>) -> tensor<2x3xf32>
    return %l, %d : tensor<f32>, tensor<2x3xf32> })";

// Equal logits give log 2 and probabilities 1/2; 1000 would overflow exp.
TEST(ReferenceLoss, CrossEntropyIgnoresAndDoesNotOverflow) {
  Program p(crossEntropy);
  Outcome o = p.run({p.floats("2x3xf32", {1000, 5, 0, 1000, 7, 0}),
                     p.integers("3xi64", {1, -100, 0}), p.floats("f32", {8})});
  EXPECT_EQ(o.values[0].floats[0],
            static_cast<double>(static_cast<float>(std::log(2.0))));
  EXPECT_EQ(o.values[1].floats, (Doubles{2, 0, -2, -2, 0, 2}));
}

TEST(ReferenceLoss, CrossEntropyOfNoLabelsIsZero) {
  Program p(crossEntropy);
  Outcome o =
      p.run({p.floats("2x3xf32", Doubles(6, 1.0)),
             p.integers("3xi64", {-100, -100, -100}), p.floats("f32", {8})});
  EXPECT_EQ(o.values[0].floats, Doubles{0});
  EXPECT_EQ(o.values[1].floats, Doubles(6, 0.0));
}

TEST(ReferenceLoss, RefusesALabelThatIsNoClass) {
  Program p(crossEntropy);
  EXPECT_TRUE(failed(run(p.function("f"), {},
                         {p.floats("2x3xf32", Doubles(6, 1.0)),
                          p.integers("3xi64", {0, 2, 1}), p.floats("f32", {1})},
                         Mode::Rounded)));
  EXPECT_EQ(p.message, "'mpc.cross_entropy' op has label 2 at element 1; "
                       "expected 0 to 1");
}

TEST(ReferenceLoss, MeanSquaredError) {
  Program p(
      R"(func.func @f(%x: tensor<2xf32>, %y: tensor<2xf32>, %g: tensor<f32>) -> (tensor<f32>, tensor<2xf32>) {
    %l = mpc.pointwise_loss mse %x, %y : (tensor<2xf32>, tensor<2xf32>) -> tensor<f32>
    %d = mpc.pointwise_loss_grad mse %g, %x, %y : (tensor<f32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    return %l, %d : tensor<f32>, tensor<2xf32> })");
  Outcome o = p.run({p.floats("2xf32", {5, 1}), p.floats("2xf32", {2, 2}),
                     p.floats("f32", {4})});
  EXPECT_EQ(o.values[0].floats, Doubles{5});
  EXPECT_EQ(o.values[1].floats, (Doubles{12, -4}));
}
