// Operators that move elements: what each becomes, and what it refuses.
#include "Builder.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace {

Attribute text(const std::string &value) {
  Attribute attribute;
  attribute.kind = Attribute::Kind::String;
  attribute.s = value;
  return attribute;
}

Attribute one(mpcrt::DType dtype, std::vector<std::byte> bytes) {
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.shape = {1};
  tensor.small = std::move(bytes);
  Attribute attribute;
  attribute.kind = Attribute::Kind::Tensor;
  attribute.tensor = std::make_shared<const Tensor>(std::move(tensor));
  return attribute;
}

// The builder with an input of labels beside x.
Builder withLabels(const std::vector<int64_t> &shape,
                   const std::vector<int64_t> &labels) {
  Builder builder(shape);
  builder.graph.inputs.push_back(info("i", labels, mpcrt::DType::I64));
  return builder;
}

TEST(MovementOps, ConcatJoinsAndCountsAxesFromTheEnd) {
  EXPECT_THAT(Builder({2, 3})
                  .weight("w", {2, 4})
                  .node("Concat", {"x", "w"}, {"y"}, {{"axis", integer(-1)}})
                  .text(),
              ContainsRegex("mpc.concat [^\n]*axis = 1 : i64[^\n]*-> "
                            "tensor<2x7xf32>"));
  EXPECT_THAT(Builder({2, 3})
                  .weight("w", {3, 4})
                  .node("Concat", {"x", "w"}, {"y"}, {{"axis", integer(1)}})
                  .problems(),
              HasSubstr("cannot join 3x4 to 2x3 along axis 1"));
}

TEST(MovementOps, TopKFindsPositionsAndGathersWhatStandsThere) {
  auto graph = [](int64_t k, int64_t opset) {
    Builder b({2, 5}, opset);
    b.graph.outputs.push_back(info("i", {}, mpcrt::DType::I64));
    if (opset < 10)
      return b.node("TopK", {"x"}, {"y", "i"}, {{"k", integer(k)}});
    return b.constant("k", {k}).node("TopK", {"x", "k"}, {"y", "i"},
                                     {{"largest", integer(0)}});
  };
  EXPECT_THAT(graph(3, 17).text(),
              ContainsRegex("mpc.top_k [^\n]*axis = 1 : i64[^\n]*smallest"
                            "[^\n]*-> tensor<2x3xi64>(.|\n)*"
                            "mpc.gather [^\n]*-> tensor<2x3xf32>"));
  EXPECT_THAT(graph(5, 7).text(),
              ContainsRegex("mpc.top_k [^\n]*-> tensor<2x5xi64>"));
  EXPECT_THAT(graph(6, 17).problems(),
              HasSubstr("takes 6 elements from axis 1 of 2x5"));
}

TEST(MovementOps, SplitTakesSizesFromAttributeOperandOrTheNumberOfOutputs) {
  auto graph = [](int64_t opset) {
    Builder b({2, 7}, opset);
    b.graph.outputs.push_back(info("z", {}));
    return b;
  };
  EXPECT_THAT(graph(11)
                  .node("Split", {"x"}, {"y", "z"},
                        {{"axis", integer(1)}, {"split", ints({2, 5})}})
                  .text(),
              HasSubstr("-> (tensor<2x2xf32> {"));
  EXPECT_THAT(
      graph(13)
          .constant("s", {3, 4})
          .node("Split", {"x", "s"}, {"y", "z"}, {{"axis", integer(-1)}})
          .text(),
      ContainsRegex("starts = array<i64: 0, 3>[^\n]*tensor<2x4xf32>"));
  EXPECT_THAT(graph(18)
                  .node("Split", {"x"}, {"y", "z"},
                        {{"axis", integer(1)}, {"num_outputs", integer(2)}})
                  .text(),
              ContainsRegex("starts = array<i64: 0, 4>[^\n]*tensor<2x3xf32>"));
  EXPECT_THAT(graph(13)
                  .node("Split", {"x"}, {"y", "z"}, {{"axis", integer(1)}})
                  .problems(),
              HasSubstr("cannot split 7 into 2 equal parts for 2 results"));
  EXPECT_THAT(graph(13)
                  .constant("s", {3, 3})
                  .node("Split", {"x", "s"}, {"y", "z"}, {{"axis", integer(1)}})
                  .problems(),
              HasSubstr("splits 7 into [3x3] for 2 results"));
}

TEST(MovementOps, SliceCutsOffAndStepsBackwards) {
  constexpr int64_t low = std::numeric_limits<int64_t>::min();
  EXPECT_THAT(Builder({5, 6})
                  .constant("s", {-1, 2})
                  .constant("e", {low, 100})
                  .constant("a", {1, 0})
                  .constant("t", {-2, 2})
                  .node("Slice", {"x", "s", "e", "a", "t"}, {"y"})
                  .text(),
              ContainsRegex("starts = array<i64: 2, 5>, steps = array<i64: 2, "
                            "-2>[^\n]*-> tensor<2x3xf32>"));
  EXPECT_THAT(Builder({5, 6}, 9)
                  .node("Slice", {"x"}, {"y"},
                        {{"starts", ints({4})}, {"ends", ints({2})}})
                  .text(),
              HasSubstr("-> tensor<0x6xf32>"));
  EXPECT_THAT(Builder({5, 6}, 9)
                  .node("Slice", {"x"}, {"y"},
                        {{"starts", ints({0, 0})}, {"ends", ints({9, 9})}})
                  .text(),
              Not(HasSubstr("mpc.slice")));
}

TEST(MovementOps, PadAddsTakesAwayAndRepeats) {
  EXPECT_THAT(Builder({2, 5}, 9)
                  .node("Pad", {"x"}, {"y"},
                        {{"pads", ints({1, -2, 0, 1})}, {"value", number(3)}})
                  .text(),
              ContainsRegex("starts = array<i64: 0, 2>[^\n]*tensor<2x3xf32>\n"
                            "[^\n]*mpc.pad [^\n]*starts = array<i64: 1, 0>"
                            "[^\n]*value = 3.0[^\n]*tensor<3x4xf32>"));
  auto repeats = [](const char *mode, const char *indices) {
    EXPECT_THAT(Builder({3}, 19)
                    .constant("p", {2, 3})
                    .node("Pad", {"x", "p"}, {"y"}, {{"mode", text(mode)}})
                    .text(),
                HasSubstr(indices));
  };
  repeats("reflect", "dense<[2, 1, 0, 1, 2, 1, 0, 1]>");
  repeats("edge", "dense<[0, 0, 0, 1, 2, 2, 2, 2]>");
  repeats("wrap", "dense<[1, 2, 0, 1, 2, 0, 1, 2]>");
  EXPECT_THAT(Builder({3})
                  .constant("p", {-2, -2})
                  .node("Pad", {"x", "p"}, {"y"})
                  .problems(),
              HasSubstr("its result would have shape"));
}

TEST(MovementOps, ExpandAndTileRepeat) {
  EXPECT_THAT(Builder({2, 1})
                  .constant("s", {3, 1, 4})
                  .node("Expand", {"x", "s"}, {"y"})
                  .text(),
              ContainsRegex("mpc.broadcast [^\n]*-> tensor<3x2x4xf32>"));
  EXPECT_THAT(Builder({2, 3})
                  .constant("r", {1, 2})
                  .node("Tile", {"x", "r"}, {"y"})
                  .text(),
              ContainsRegex("mpc.broadcast [^\n]*-> tensor<1x2x2x3xf32>\n[^\n]*"
                            "mpc.reshape [^\n]*-> tensor<2x6xf32>"));
}

TEST(MovementOps, GatherLooksRowsOfAWeightUp) {
  std::string lookup = withLabels({1}, {4, 2})
                           .weight("table", {10, 3})
                           .node("Gather", {"table", "i"}, {"g"})
                           .node("Mul", {"g", "x"}, {"y"})
                           .text();
  EXPECT_THAT(lookup, ContainsRegex("mpc.gather [^\n]*-> tensor<4x2x3xf32>"));
  EXPECT_THAT(lookup, HasSubstr("initializer = #mpc.normal<2.000000e-02>"));
  EXPECT_THAT(Builder({2, 3})
                  .constant("i", {3})
                  .node("Gather", {"x", "i"}, {"y"}, {{"axis", integer(1)}})
                  .problems(),
              HasSubstr("index 3 is outside extent 3"));
}

// Row 1 of a [2, 3] tensor begins at element 3.
TEST(MovementOps, GatherElementsAddsPositionsToIndices) {
  std::string y =
      withLabels({2, 3}, {2, 2})
          .node("GatherElements", {"x", "i"}, {"y"}, {{"axis", integer(1)}})
          .text();
  EXPECT_THAT(y, HasSubstr("dense<[0, 1, 2]> : tensor<3xi64>"));
  EXPECT_THAT(y, HasSubstr("dense<[[0], [3]]> : tensor<2x1xi64>"));
  EXPECT_THAT(y, ContainsRegex("mpc.gather [^\n]*tensor<6xf32>, "
                               "tensor<2x2xi64>\\) -> tensor<2x2xf32>"));
}

TEST(MovementOps, GatherNDTakesRowsByTuples) {
  EXPECT_THAT(
      withLabels({4, 2, 3, 5}, {4, 7, 2})
          .node("GatherND", {"x", "i"}, {"y"}, {{"batch_dims", integer(1)}})
          .text(),
      ContainsRegex("mpc.gather [^\n]*tensor<24x5xf32>, "
                    "tensor<4x7xi64>\\) -> tensor<4x7x5xf32>"));
  EXPECT_THAT(
      withLabels({4, 2}, {4, 3}).node("GatherND", {"x", "i"}, {"y"}).problems(),
      HasSubstr("indices 4x3 do not fit data 4x2"));
}

TEST(MovementOps, ScatterWritesRows) {
  EXPECT_THAT(withLabels({4, 5}, {3, 1})
                  .weight("u", {3, 5})
                  .node("ScatterND", {"x", "i", "u"}, {"y"},
                        {{"reduction", text("add")}})
                  .text(),
              ContainsRegex("mpc.scatter [^\n]*reduction add[^\n]*"
                            "tensor<3xi64>, tensor<3x5xf32>"));
  EXPECT_THAT(withLabels({4, 5}, {2, 5})
                  .weight("u", {2, 5})
                  .node("ScatterElements", {"x", "i", "u"}, {"y"})
                  .text(),
              ContainsRegex("mpc.scatter [^\n]*reduction none[^\n]*"
                            "tensor<20xf32>, tensor<10xi64>, tensor<10xf32>"));
  EXPECT_THAT(withLabels({4, 5}, {2, 5})
                  .weight("u", {2, 4})
                  .node("ScatterElements", {"x", "i", "u"}, {"y"})
                  .problems(),
              HasSubstr("its updates are 2x4; expected 2x5"));
}

// [2, 3] with -1 for 3 is [2, -1]; [1, 6, 2, -1] read backwards in twos is
// [-1, 6].
TEST(MovementOps, ShapesFoldThroughMovement) {
  std::vector<std::byte> three(8);
  three[0] = std::byte(3);
  EXPECT_THAT(
      Builder({2, 3})
          .constant("minus", {-1}, true)
          .constant("ones", {1, 6})
          .constant("from", {3})
          .constant("to", {-5})
          .constant("axis", {0})
          .constant("step", {-2})
          .node("Shape", {"x"}, {"s"})
          .node("Shape", {"s"}, {"rank"})
          .node("ConstantOfShape", {"rank"}, {"threes"},
                {{"value", one(mpcrt::DType::I64, three)}})
          .node("Equal", {"s", "threes"}, {"e"})
          .node("Where", {"e", "minus", "s"}, {"w"})
          .node("Concat", {"ones", "w"}, {"all"}, {{"axis", integer(0)}})
          .node("Slice", {"all", "from", "to", "axis", "step"}, {"r"})
          .node("Reshape", {"x", "r"}, {"y"})
          .text(),
      ContainsRegex("mpc.reshape [^\n]*-> tensor<1x6xf32>"));
}

TEST(MovementOps, ConstantOfShapeRangeAndEyeLikeFill) {
  EXPECT_THAT(Builder({2, 3})
                  .constant("s", {2, 3})
                  .node("ConstantOfShape", {"s"}, {"c"})
                  .node("Add", {"x", "c"}, {"y"})
                  .text(),
              HasSubstr("dense<0.000000e+00> : tensor<2x3xf32>"));
  EXPECT_THAT(Builder({2, 3})
                  .node("EyeLike", {"x"}, {"y"}, {{"k", integer(-1)}})
                  .text(),
              ContainsRegex("mpc.pad [^\n]*starts = array<i64: 3>, steps = "
                            "array<i64: 4>[^\n]*tensor<1xf32>\\) -> "
                            "tensor<6xf32>"));
}

TEST(MovementOps, ArgMaxKeepsDimensionsAndCumSumReadsItsAxis) {
  EXPECT_THAT(
      Builder({2, 3})
          .node("ArgMax", {"x"}, {"y"},
                {{"axis", integer(-1)}, {"select_last_index", integer(1)}})
          .text(),
      ContainsRegex("mpc.arg_reduce [^\n]*last[^\n]*\n[^\n]*-> "
                    "tensor<2x1xi64>"));
  EXPECT_THAT(Builder({2, 3})
                  .constant("a", {-2}, true)
                  .node("CumSum", {"x", "a"}, {"y"}, {{"reverse", integer(1)}})
                  .text(),
              ContainsRegex("mpc.cum_sum [^\n]*axis = 0 : i64[^\n]*reverse"));
}

TEST(MovementOps, OneHotComparesWithClassesFromEitherEnd) {
  std::string y = withLabels({2}, {4})
                      .constant("d", {3}, true)
                      .node("OneHot", {"i", "d", "x"}, {"y"})
                      .text();
  EXPECT_THAT(y, HasSubstr("dense<[0, 1, 2]> : tensor<3xi64>"));
  EXPECT_THAT(y, HasSubstr("dense<[-3, -2, -1]> : tensor<3xi64>"));
  EXPECT_THAT(y, ContainsRegex("mpc.select [^\n]*-> tensor<4x3xf32>"));
}

TEST(MovementOps, TriluMasksAndCompressChooses) {
  EXPECT_THAT(Builder({2, 2})
                  .node("Trilu", {"x"}, {"y"}, {{"upper", integer(0)}})
                  .text(),
              HasSubstr("[true, false], [true, true]"));
  EXPECT_THAT(Builder({2, 3})
                  .constant("c", {1, 0, 1})
                  .node("Compress", {"x", "c"}, {"y"}, {{"axis", integer(1)}})
                  .text(),
              ContainsRegex("dense<\\[0, 2\\]>[^\n]*\n[^\n]*mpc.gather"));
}

TEST(MovementOps, DepthToSpaceAndBackPermute) {
  EXPECT_THAT(Builder({1, 8, 2, 3})
                  .node("DepthToSpace", {"x"}, {"y"},
                        {{"blocksize", integer(2)}, {"mode", text("CRD")}})
                  .text(),
              ContainsRegex("perm = array<i64: 0, 1, 4, 2, 5, 3>[^\n]*\n[^\n]*"
                            "-> tensor<1x2x4x6xf32>"));
  EXPECT_THAT(
      Builder({1, 3, 2, 3})
          .node("SpaceToDepth", {"x"}, {"y"}, {{"blocksize", integer(2)}})
          .problems(),
      HasSubstr("blocks of 2 do not fit 1x3x2x3"));
}

TEST(MovementOps, ResizeTakesNeighbours) {
  EXPECT_THAT(Builder({1, 1, 2, 2}, 9)
                  .constant("s", {1, 1, 2, 1})
                  .node("Upsample", {"x", "s"}, {"y"})
                  .text(),
              ContainsRegex("dense<\\[0, 0, 1, 1\\]>[^\n]*\n[^\n]*mpc.gather "
                            "[^\n]*-> tensor<1x1x4x2xf32>"));
  std::string linear =
      Builder({1, 1, 1, 2}, 13)
          .constant("s", {1, 1, 1, 4})
          .node("Resize", {"x", "", "", "s"}, {"y"}, {{"mode", text("linear")}})
          .text();
  EXPECT_THAT(linear, HasSubstr("dense<[0, 0, 0, 1]>"));
  EXPECT_THAT(linear, HasSubstr("dense<[2.500000e-01, 7.500000e-01, "
                                "2.500000e-01, 7.500000e-01]>"));
  EXPECT_THAT(linear, HasSubstr("dense<[0, 1, 1, 1]>"));
}

} // namespace
