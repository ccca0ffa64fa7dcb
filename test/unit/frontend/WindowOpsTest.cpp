// Convolution and pooling: what they become, and what they refuse.
#include "Builder.h"

#include "gmock/gmock.h"

using namespace mpc::frontend;
using namespace mpc::frontend::test;
using testing::ContainsRegex;
using testing::HasSubstr;

namespace {

using Attributes = std::map<std::string, Attribute>;

// A graph of one Conv or ConvTranspose with a weight.
Builder convolve(const char *op, const std::vector<int64_t> &input,
                 const std::vector<int64_t> &weight, Attributes attributes = {},
                 const std::vector<int64_t> &bias = {}) {
  Builder builder(input);
  builder.weight("w", weight);
  std::vector<std::string> operands = {"x", "w"};
  if (!bias.empty()) {
    builder.weight("b", bias);
    operands.push_back("b");
  }
  builder.node(op, operands, {"y"}, std::move(attributes));
  return builder;
}

Builder pool(const char *op, const std::vector<int64_t> &input,
             Attributes attributes) {
  Builder builder(input);
  builder.node(op, {"x"}, {"y"}, std::move(attributes));
  return builder;
}

TEST(WindowOps, ConvKeepsItsGroups) {
  EXPECT_THAT(
      convolve("Conv", {1, 4, 8, 8}, {6, 2, 3, 3}, {{"group", integer(2)}})
          .text(),
      ContainsRegex("mpc.conv [^\n]*groups = 2[^\n]*-> "
                    "tensor<1x6x6x6xf32>"));
  EXPECT_THAT(
      convolve("Conv", {1, 4, 8, 8}, {6, 2, 3, 3}, {{"group", integer(3)}})
          .problems(),
      HasSubstr("has 3 groups, but its input has 4 channels"));
  EXPECT_THAT(
      convolve("Conv", {1, 4, 8, 8}, {5, 2, 3, 3}, {{"group", integer(2)}})
          .problems(),
      HasSubstr("weight 5x2x3x3 does not fit input 1x4x8x8 in 2 "
                "groups"));
}

TEST(WindowOps, ConvOfOneDimensionIsOneOfPlanesWithOneRow) {
  std::string text = convolve("Conv", {2, 4, 9}, {3, 4, 3},
                              {{"strides", ints({2})},
                               {"pads", ints({1, 0})},
                               {"dilations", ints({2})}},
                              {3})
                         .text();
  EXPECT_THAT(text, ContainsRegex("mpc.conv [^\n]*dilations = array<i64: 1, 2>"
                                  "[^\n]*pads = array<i64: 0, 1, 0, 0>"
                                  "[^\n]*strides = array<i64: 1, 2>"
                                  "[^\n]*-> tensor<2x3x1x3xf32>"));
  EXPECT_THAT(text, HasSubstr("-> tensor<2x3x3xf32>"));
}

// Two taps along the depth make two channels of each, in each of 3 depths.
TEST(WindowOps, ConvOfVolumesIsOneOfPlanesWithMoreChannels) {
  std::string text = convolve("Conv", {2, 4, 4, 5, 6}, {6, 2, 2, 3, 3},
                              {{"group", integer(2)},
                               {"dilations", ints({3, 1, 1})},
                               {"pads", ints({1, 0, 0, 1, 0, 0})}})
                         .text();
  EXPECT_THAT(text, ContainsRegex("mpc.pad [^\n]*-> tensor<2x4x6x5x6xf32>"));
  EXPECT_THAT(text,
              ContainsRegex("mpc.slice [^\n]*starts = array<i64: 0, 0, 3, "
                            "0, 0>[^\n]*-> tensor<2x4x3x5x6xf32>"));
  EXPECT_THAT(text,
              ContainsRegex("mpc.conv [^\n]*groups = 2[^\n]*tensor<6x8x5x6"
                            "xf32>, tensor<6x4x3x3xf32>[^\n]*-> "
                            "tensor<6x6x3x4xf32>"));
  EXPECT_THAT(text, HasSubstr("-> tensor<2x6x3x3x4xf32>"));
}

TEST(WindowOps, ConvRefusesWhatDoesNotFit) {
  EXPECT_THAT(convolve("Conv", {1, 1, 2, 2}, {1, 1, 3, 3}).problems(),
              HasSubstr("kernel 3x3 does not fit input 2x2"));
  EXPECT_THAT(convolve("Conv", {1, 1, 4}, {1, 1, 3, 3}).problems(),
              HasSubstr("its weight 1x1x3x3 has another rank than its input "
                        "1x1x4"));
  EXPECT_THAT(convolve("Conv", {1, 4}, {1, 4}).problems(),
              HasSubstr("its input 1x4 is not [N, C, ...]"));
  EXPECT_THAT(convolve("Conv", {1, 2, 4, 4}, {3, 2, 3, 3}, {}, {2}).problems(),
              HasSubstr("its bias is 2; expected 3"));
}

TEST(WindowOps, WindowsOverIntegersAreRefused) {
  for (const char *op : {"Conv", "ConvTranspose", "MaxPool", "AveragePool"}) {
    Builder builder({1, 1, 4, 4});
    builder.graph.inputs[0].dtype = mpcrt::DType::I8;
    builder.weight("w", {1, 1, 2, 2}).node(op, {"x", "w"}, {"y"});
    EXPECT_THAT(builder.problems(),
                HasSubstr("slides over integers of 1x1x4x4"));
  }
}

// ONNX's SAME_UPPER for extent 8, kernel 3, stride 2: 4 outputs need 9
// elements, so one pad, at the end.
TEST(WindowOps, AutoPadBecomesPads) {
  for (auto [mode, pads] :
       {std::pair("SAME_UPPER", "0, 0, 1, 1"), {"SAME_LOWER", "1, 1, 0, 0"}}) {
    std::string text =
        convolve("Conv", {1, 1, 8, 8}, {1, 1, 3, 3},
                 {{"auto_pad", word(mode)}, {"strides", ints({2, 2})}})
            .text();
    EXPECT_THAT(text, HasSubstr(std::string("pads = array<i64: ") + pads));
    EXPECT_THAT(text, HasSubstr("-> tensor<1x1x4x4xf32>"));
  }
}

// 2 rows of stride 3 and a kernel of 2 reach 5 rows; one more is asked for.
TEST(WindowOps, ConvTransposeIsTheGradientOfConvByItsInput) {
  std::string text = convolve("ConvTranspose", {1, 4, 2, 3}, {4, 3, 2, 2},
                              {{"strides", ints({3, 1})},
                               {"group", integer(2)},
                               {"output_padding", ints({1, 0})},
                               {"pads", ints({0, 1, 0, 0})}},
                              {6})
                         .text();
  EXPECT_THAT(text, ContainsRegex("mpc.conv_input_grad [^\n]*-> "
                                  "tensor<1x6x6x3xf32>"));
  EXPECT_THAT(text, ContainsRegex("mpc.add [^\n]*tensor<6x1x1xf32>"));
  EXPECT_THAT(convolve("ConvTranspose", {2, 1, 4}, {1, 2, 3}).text(),
              HasSubstr("-> tensor<2x2x6xf32>"));
}

// Each of 2 depths gives 3 planes, which lie two apart and overlap in one.
TEST(WindowOps, ConvTransposeOfVolumesAddsPlanes) {
  std::string text = convolve("ConvTranspose", {1, 2, 2, 3, 3}, {2, 1, 3, 2, 2},
                              {{"strides", ints({2, 1, 1})},
                               {"pads", ints({1, 0, 0, 0, 0, 0})}})
                         .text();
  EXPECT_THAT(text, ContainsRegex("mpc.conv_input_grad [^\n]*-> "
                                  "tensor<2x3x4x4xf32>"));
  EXPECT_THAT(text,
              ContainsRegex("mpc.pad [^\n]*starts = array<i64: 0, 0, 2, 0, "
                            "0>[^\n]*steps = array<i64: 1, 1, 2, 1, 1>"
                            "[^\n]*-> tensor<1x1x5x4x4xf32>"));
  EXPECT_THAT(text,
              ContainsRegex("mpc.slice [^\n]*starts = array<i64: 0, 0, 1, "
                            "0, 0>[^\n]*-> tensor<1x1x4x4x4xf32>"));
}

// 3 columns of stride 2 and a kernel of 3 reach 7. What is cut off or added
// lies at the end for SAME_UPPER, what is odd of it at the begin otherwise.
TEST(WindowOps, PadsOfConvTransposeFollowFromItsExtents) {
  auto pads = [](Attributes attributes) {
    attributes["strides"] = ints({2});
    std::string text =
        convolve("ConvTranspose", {1, 1, 3}, {1, 1, 3}, attributes).text();
    size_t at = text.find("pads = array<i64: ");
    return text.substr(at + 18, text.find('>', at) - at - 18) + " of " +
           text.substr(text.rfind("return"));
  };
  EXPECT_THAT(pads({{"auto_pad", word("SAME_UPPER")}}),
              HasSubstr("0, 0, 0, 1 of return %4 : tensor<1x1x6xf32>"));
  EXPECT_THAT(pads({{"auto_pad", word("SAME_LOWER")}}),
              HasSubstr("0, 1, 0, 0 of return %4 : tensor<1x1x6xf32>"));
  EXPECT_THAT(pads({{"output_shape", ints({4})}}),
              HasSubstr("0, 2, 0, 1 of return %4 : tensor<1x1x4xf32>"));
  EXPECT_THAT(pads({{"output_shape", ints({8})}}),
              HasSubstr("0, 0, 0, 0 of return %4 : tensor<1x1x8xf32>"));
}

// 3 columns with a kernel of 2 taps 3 apart reach 6; two more hold zeros.
TEST(WindowOps, ConvTransposeIsZeroBeyondItsWindows) {
  std::string text =
      convolve("ConvTranspose", {1, 1, 3}, {1, 1, 2},
               {{"dilations", ints({3})}, {"output_padding", ints({2})}})
          .text();
  EXPECT_THAT(text, HasSubstr("-> tensor<1x1x6xf32>"));
  EXPECT_THAT(text, ContainsRegex("mpc.pad [^\n]*-> tensor<1x1x8xf32>"));
}

TEST(WindowOps, ConvTransposeRefusesWhatDoesNotFit) {
  EXPECT_THAT(
      convolve("ConvTranspose", {1, 1, 1}, {1, 1, 2}, {{"pads", ints({1, 1})}})
          .problems(),
      HasSubstr("its pads 1x1 leave nothing of 2 elements"));
  EXPECT_THAT(convolve("ConvTranspose", {1, 2, 4, 4}, {3, 1, 3, 3}).problems(),
              HasSubstr("weight 3x1x3x3 does not fit input 1x2x4x4"));
}

TEST(WindowOps, CeilModeKeepsTheLastWindow) {
  Attributes attributes = {{"kernel_shape", ints({2, 2})},
                           {"strides", ints({2, 2})},
                           {"ceil_mode", integer(1)}};
  for (auto [extent, result] : {std::pair(4, "2x2"), {5, "3x3"}})
    EXPECT_THAT(pool("MaxPool", {1, 1, extent, extent}, attributes).text(),
                ContainsRegex("mpc.max_pool [^\n]*-> tensor<1x1x" +
                              std::string(result) + "xf32>"));
}

TEST(WindowOps, PoolsKeepTheirDilations) {
  EXPECT_THAT(pool("MaxPool", {1, 1, 5, 5},
                   {{"kernel_shape", ints({2, 2})},
                    {"dilations", ints({2, 3})},
                    {"storage_order", integer(1)}})
                  .text(),
              ContainsRegex("mpc.max_pool [^\n]*dilations = array<i64: 2, 3>"
                            "[^\n]*-> tensor<1x1x3x2xf32>"));
}

TEST(WindowOps, PoolsOfOneDimensionAreOnesOfPlanes) {
  EXPECT_THAT(pool("AveragePool", {1, 2, 6},
                   {{"kernel_shape", ints({3})},
                    {"pads", ints({1, 1})},
                    {"count_include_pad", integer(1)}})
                  .text(),
              ContainsRegex("mpc.average_pool [^\n]*count_include_pad"
                            "[^\n]*pads = array<i64: 0, 1, 0, 1>"
                            "[^\n]*-> tensor<1x2x1x6xf32>"));
}

// Rows and columns of each plane first, then the planes.
TEST(WindowOps, PoolsOfVolumesAreTwoOfPlanes) {
  std::string text = pool("MaxPool", {2, 3, 4, 6, 8},
                          {{"kernel_shape", ints({2, 3, 4})},
                           {"strides", ints({1, 3, 2})},
                           {"pads", ints({1, 0, 1, 0, 0, 1})}})
                         .text();
  EXPECT_THAT(text, ContainsRegex("kernel = array<i64: 3, 4>"
                                  "[^\n]*pads = array<i64: 0, 1, 0, 1>"
                                  "[^\n]*strides = array<i64: 3, 2>"
                                  "[^\n]*-> tensor<2x12x2x4xf32>"));
  EXPECT_THAT(text, ContainsRegex("kernel = array<i64: 2, 1>"
                                  "[^\n]*pads = array<i64: 1, 0, 0, 0>"
                                  "[^\n]*strides = array<i64: 1, 1>"
                                  "[^\n]*-> tensor<2x3x4x8xf32>"));
  EXPECT_THAT(text, HasSubstr("-> tensor<2x3x4x2x4xf32>"));
}

TEST(WindowOps, PoolsRefuseWhatTheyCannotDo) {
  EXPECT_THAT(pool("MaxPool", {1, 1, 4},
                   {{"kernel_shape", ints({2})}, {"pads", ints({2, 0})}})
                  .problems(),
              HasSubstr("pads 2x0 are not less than the kernel 2"));
  EXPECT_THAT(pool("MaxPool", {1, 1, 1, 1, 1, 1},
                   {{"kernel_shape", ints({1, 1, 1, 1})}})
                  .problems(),
              HasSubstr("use floats with one to three spatial dimensions"));
  Builder indices({1, 1, 4});
  indices.graph.outputs.push_back(info("i", {}));
  indices.node("MaxPool", {"x"}, {"y", "i"}, {{"kernel_shape", ints({2})}});
  EXPECT_THAT(indices.problems(), HasSubstr("has its indices as a second"));
}

TEST(WindowOps, GlobalPoolsHaveOneWindow) {
  EXPECT_THAT(
      Builder({2, 3, 5, 7}).node("GlobalAveragePool", {"x"}, {"y"}).text(),
      ContainsRegex("mpc.average_pool [^\n]*kernel = "
                    "array<i64: 5, 7>[^\n]*2x3x1x1xf32>"));
  std::string text =
      Builder({2, 3, 5, 7, 2}).node("GlobalMaxPool", {"x"}, {"y"}).text();
  EXPECT_THAT(text, ContainsRegex("mpc.max_pool [^\n]*kernel = "
                                  "array<i64: 1, 70>[^\n]*2x3x1x1xf32>"));
  EXPECT_THAT(text, HasSubstr("-> tensor<2x3x1x1x1xf32>"));
  EXPECT_THAT(Builder({2, 3}).node("GlobalMaxPool", {"x"}, {"y"}).problems(),
              HasSubstr("its input 2x3 is not [N, C, ...]"));
}

// 5 columns in steps of 2 with a kernel of 2 and ceil_mode: the last window
// needs one more column of padding.
TEST(WindowOps, LpPoolSumsPowersByAConvolutionWithOnes) {
  Attributes attributes = {{"kernel_shape", ints({2})},
                           {"strides", ints({2})},
                           {"ceil_mode", integer(1)}};
  std::string text = pool("LpPool", {1, 3, 5}, attributes).text();
  EXPECT_THAT(text, ContainsRegex("mpc.mul [^\n]*-> tensor<1x3x5xf32>"));
  EXPECT_THAT(text, HasSubstr("dense<1.000000e+00> : tensor<3x1x1x2xf32>"));
  EXPECT_THAT(text, ContainsRegex("mpc.conv [^\n]*groups = 3[^\n]*pads = "
                                  "array<i64: 0, 0, 0, 1>[^\n]*-> "
                                  "tensor<1x3x1x3xf32>"));
  EXPECT_THAT(text, ContainsRegex("mpc.sqrt [^\n]*-> tensor<1x3x3xf32>"));
  attributes["p"] = integer(3);
  text = pool("LpPool", {1, 3, 5}, attributes).text();
  EXPECT_THAT(text, HasSubstr("abs %arg0"));
  EXPECT_THAT(text, HasSubstr("dense<3.000000e+00> : tensor<f32>"));
  EXPECT_THAT(text, HasSubstr("dense<0.333333343> : tensor<f32>"));
  attributes["p"] = integer(0);
  EXPECT_THAT(pool("LpPool", {1, 3, 5}, attributes).problems(),
              HasSubstr("attribute 'p' is 0; expected at least 1"));
}

TEST(WindowOps, GlobalLpPoolSumsOverAllSpatialDimensions) {
  std::string text = pool("GlobalLpPool", {2, 3, 4, 5, 6}, {}).text();
  EXPECT_THAT(text,
              ContainsRegex("mpc.reduce_sum [^\n]*axes = array<i64: 2, 3, "
                            "4>[^\n]*-> tensor<2x3x1x1x1xf32>"));
}

} // namespace
