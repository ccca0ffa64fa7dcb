// Ops that move elements by strides or by integer tensors, at values that can
// be checked by hand.
#include "test/unit/reference/Program.h"
#include <cmath>

using namespace mpc;
using namespace mpc::reference;
using mpc::test::Program;
using Doubles = std::vector<double>;
using Integers = std::vector<int64_t>;

TEST(ReferenceShape, SliceStepsBackwards) {
  Program p(R"(func.func @f(%x: tensor<2x5xf32>) -> tensor<2x2xf32> {
    %r = mpc.slice %x {starts = array<i64: 0, 4>, steps = array<i64: 1, -2>} : (tensor<2x5xf32>) -> tensor<2x2xf32>
    return %r : tensor<2x2xf32> })");
  EXPECT_EQ(p.run({p.floats("2x5xf32", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})})
                .values[0]
                .floats,
            (Doubles{4, 2, 9, 7}));
}

TEST(ReferenceShape, PadPutsElementsWhereASliceTakesThem) {
  Program p(R"(func.func @f(%x: tensor<2x2xi32>) -> tensor<2x5xi32> {
    %r = mpc.pad %x {starts = array<i64: 0, 4>, steps = array<i64: 1, -2>, value = 7.0 : f64} : (tensor<2x2xi32>) -> tensor<2x5xi32>
    return %r : tensor<2x5xi32> })");
  EXPECT_EQ(p.run({p.integers("2x2xi32", {1, 2, 3, 4})}).values[0].integers,
            (Integers{7, 7, 2, 7, 1, 7, 7, 4, 7, 3}));
}

TEST(ReferenceShape, PadRoundsItsValueOnce) {
  Program p(R"(func.func @f(%x: tensor<0xf16>) -> tensor<1xf16> {
    %r = mpc.pad %x {starts = array<i64: 0>, steps = array<i64: 1>, value = 2049.0 : f64} : (tensor<0xf16>) -> tensor<1xf16>
    return %r : tensor<1xf16> })");
  EXPECT_EQ(p.run({p.floats("0xf16", {})}).values[0].floats, (Doubles{2048}));
}

TEST(ReferenceShape, ConcatJoinsAlongTheAxis) {
  Program p(
      R"(func.func @f(%a: tensor<2x1xi1>, %b: tensor<2x2xi1>) -> tensor<2x3xi1> {
    %r = mpc.concat %a, %b {axis = 1 : i64} : (tensor<2x1xi1>, tensor<2x2xi1>) -> tensor<2x3xi1>
    return %r : tensor<2x3xi1> })");
  EXPECT_EQ(
      p.run({p.integers("2x1xi1", {1, 0}), p.integers("2x2xi1", {0, 1, 1, 1})})
          .values[0]
          .integers,
      (Integers{1, 0, 1, 0, 1, 1}));
}

TEST(ReferenceIndexing, GatherCountsFromTheEndAndStaysInside) {
  Program p(
      R"(func.func @f(%x: tensor<2x3xf32>, %i: tensor<4xi32>) -> tensor<2x4xf32> {
    %r = mpc.gather %x, %i {axis = 1 : i64} : (tensor<2x3xf32>, tensor<4xi32>) -> tensor<2x4xf32>
    return %r : tensor<2x4xf32> })");
  EXPECT_EQ(p.run({p.floats("2x3xf32", {0, 1, 2, 10, 11, 12}),
                   p.integers("4xi32", {-1, 0, 9, -9})})
                .values[0]
                .floats,
            (Doubles{2, 0, 2, 0, 12, 10, 12, 10}));
}

// 2048 + 1 + 1 is 2050 in f32 and 2048 if every sum were rounded to f16.
TEST(ReferenceIndexing, GatherGradCollectsAndRoundsOnce) {
  Program p(
      R"(func.func @f(%g: tensor<4x1xf16>, %i: tensor<4xi64>) -> tensor<3x1xf16> {
    %r = mpc.gather_grad %g, %i {axis = 0 : i64} : (tensor<4x1xf16>, tensor<4xi64>) -> tensor<3x1xf16>
    return %r : tensor<3x1xf16> })");
  EXPECT_EQ(p.run({p.floats("4x1xf16", {2048, 5, 1, 1}),
                   p.integers("4xi64", {2, 0, -1, 2})})
                .values[0]
                .floats,
            (Doubles{5, 0, 2050}));
}

// Positions 0, 3 and 4 mean row 2, the others have rows of their own; row 1 has
// none.
TEST(ReferenceIndexing, CompactRowsExpandToTheGradient) {
  Program p(
      R"(func.func @f(%g: tensor<5x1xf16>, %i: tensor<5xi64>) -> (tensor<4xi32>, tensor<5xi32>, tensor<5x1xf16>, tensor<4x1xf16>, tensor<4x1xf16>) {
    %first, %next = mpc.row_lists %i : (tensor<5xi64>) -> (tensor<4xi32>, tensor<5xi32>)
    %rows = mpc.sum_rows %g, %i, %first, %next : (tensor<5x1xf16>, tensor<5xi64>, tensor<4xi32>, tensor<5xi32>) -> tensor<5x1xf16>
    %dense = mpc.expand_rows %rows, %first : (tensor<5x1xf16>, tensor<4xi32>) -> tensor<4x1xf16>
    %same = mpc.gather_grad %g, %i {axis = 0 : i64} : (tensor<5x1xf16>, tensor<5xi64>) -> tensor<4x1xf16>
    return %first, %next, %rows, %dense, %same : tensor<4xi32>, tensor<5xi32>, tensor<5x1xf16>, tensor<4x1xf16>, tensor<4x1xf16> })");
  Outcome o = p.run({p.floats("5x1xf16", {2048, 5, 7, 1, 1}),
                     p.integers("5xi64", {2, 0, -1, -2, 2})});
  EXPECT_EQ(o.values[0].integers, (std::vector<int64_t>{1, 5, 0, 2}));
  EXPECT_EQ(o.values[1].integers, (std::vector<int64_t>{3, 5, 5, 4, 5}));
  EXPECT_EQ(o.values[2].floats, (Doubles{2050, 5, 7, 0, 0}));
  EXPECT_EQ(o.values[3].floats, (Doubles{5, 0, 2050, 7}));
  EXPECT_EQ(o.values[4].floats, o.values[3].floats);
}

static Outcome scatterInto(const std::string &reduction) {
  Program p(
      "func.func @f(%x: tensor<3xi64>, %i: tensor<4xi64>, %u: tensor<4xi64>) "
      "-> tensor<3xi64> {\n%r = mpc.scatter %x, %i, %u {reduction = "
      "#mpc<reduction " +
      reduction +
      ">} : (tensor<3xi64>, tensor<4xi64>, tensor<4xi64>) -> tensor<3xi64>\n"
      "return %r : tensor<3xi64>\n}");
  return p.run({p.integers("3xi64", {1, 2, 3}),
                p.integers("4xi64", {0, -3, 2, 0}),
                p.integers("4xi64", {10, -20, 30, 5})});
}

TEST(ReferenceIndexing, ScatterTakesUpdatesInOrder) {
  EXPECT_EQ(scatterInto("none").values[0].integers, (Integers{5, 2, 30}));
  EXPECT_EQ(scatterInto("add").values[0].integers, (Integers{-4, 2, 33}));
  EXPECT_EQ(scatterInto("mul").values[0].integers, (Integers{-1000, 2, 90}));
  EXPECT_EQ(scatterInto("max").values[0].integers, (Integers{10, 2, 30}));
  EXPECT_EQ(scatterInto("min").values[0].integers, (Integers{-20, 2, 3}));
}

TEST(ReferenceIndexing, ScatterOfNaNIsNaN) {
  Program p(
      R"(func.func @f(%x: tensor<2xf32>, %i: tensor<2xi64>, %u: tensor<2xf32>) -> tensor<2xf32> {
    %r = mpc.scatter %x, %i, %u {reduction = #mpc<reduction max>} : (tensor<2xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<2xf32>
    return %r : tensor<2xf32> })");
  Doubles got =
      p.run({p.floats("2xf32", {std::nan(""), 1}), p.integers("2xi64", {0, 1}),
             p.floats("2xf32", {5, std::nan("")})})
          .values[0]
          .floats;
  EXPECT_TRUE(std::isnan(got[0]) && std::isnan(got[1]));
}

static Integers argReduce(const std::string &form, const Doubles &values) {
  Program p("func.func @f(%x: tensor<2x4xf32>) -> tensor<2xi64> {\n"
            "%r = mpc.arg_reduce %x {axis = 1 : i64" +
            form +
            "} : (tensor<2x4xf32>) -> tensor<2xi64>\n"
            "return %r : tensor<2xi64>\n}");
  return p.run({p.floats("2x4xf32", values)}).values[0].integers;
}

TEST(ReferenceIndexing, ArgReducePrefersNaNThenTheFirstOrTheLast) {
  double nan = std::nan("");
  Doubles values = {3, 1, 3, 1, nan, 5, nan, 0};
  EXPECT_EQ(argReduce("", values), (Integers{0, 0}));
  EXPECT_EQ(argReduce(", last", values), (Integers{2, 2}));
  EXPECT_EQ(argReduce(", smallest", values), (Integers{1, 0}));
  EXPECT_EQ(argReduce(", smallest, last", values), (Integers{3, 2}));
}

static Integers cumSum(const std::string &form) {
  Program p("func.func @f(%x: tensor<2x3xi8>) -> tensor<2x3xi8> {\n"
            "%r = mpc.cum_sum %x {axis = 1 : i64" +
            form +
            "} : (tensor<2x3xi8>) -> tensor<2x3xi8>\n"
            "return %r : tensor<2x3xi8>\n}");
  return p.run({p.integers("2x3xi8", {1, 2, 4, 100, 100, 1})})
      .values[0]
      .integers;
}

TEST(ReferenceIndexing, CumSumRunsEitherWayAndWraps) {
  EXPECT_EQ(cumSum(""), (Integers{1, 3, 7, 100, -56, -55}));
  EXPECT_EQ(cumSum(", exclusive"), (Integers{0, 1, 3, 0, 100, -56}));
  EXPECT_EQ(cumSum(", reverse"), (Integers{7, 6, 4, -55, 101, 1}));
  EXPECT_EQ(cumSum(", exclusive, reverse"), (Integers{6, 4, 0, 101, 1, 0}));
}

static Integers topK(const std::string &form) {
  Program p("func.func @f(%x: tensor<2x5xf32>) -> tensor<2x3xi64> {\n"
            "%r = mpc.top_k %x {axis = 1 : i64" +
            form +
            "} : (tensor<2x5xf32>) -> tensor<2x3xi64>\n"
            "return %r : tensor<2x3xi64>\n}");
  double nan = std::nan("");
  return p.run({p.floats("2x5xf32", {3, 1, 4, 1, 4, nan, -0.0, nan, 0, 7})})
      .values[0]
      .integers;
}

TEST(ReferenceIndexing, TopKPrefersNaNAndKeepsTheOrderOfEqualElements) {
  EXPECT_EQ(topK(""), (Integers{2, 4, 0, 0, 2, 4}));
  EXPECT_EQ(topK(", smallest"), (Integers{1, 3, 0, 0, 2, 1}));
}
