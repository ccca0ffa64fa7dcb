// Convolution and pooling with their gradients.
#include "test/numerics/Cases.h"

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;

static string spatial(string strides, string pads, string dilations,
                      int groups = 1) {
  return "strides = array<i64: " + strides + ">, pads = array<i64: " + pads +
         ">, dilations = array<i64: " + dilations +
         ">, groups = " + std::to_string(groups) + " : i64";
}

static void addConvolution(Cases &cases) {
  struct Instance {
    string input, weight, bias, output, attributes;
  };
  const Instance instances[] = {
      {"2x3x9x10x", "5x3x3x3x", "5x", "2x5x9x10x",
       spatial("1, 1", "1, 1, 1, 1", "1, 1")},
      {"1x1x1x1x", "1x1x1x1x", "1x", "1x1x1x1x",
       spatial("1, 1", "0, 0, 0, 0", "1, 1")},
      {"1x4x11x7x", "2x4x2x1x", "2x", "1x2x4x4x",
       spatial("3, 2", "0, 0, 0, 0", "1, 1")},
      {"2x2x8x9x", "3x2x2x3x", "3x", "2x3x7x5x",
       spatial("1, 2", "1, 0, 0, 2", "2, 1")},
      // No window reaches the last row and column.
      {"1x2x6x8x", "3x2x3x3x", "3x", "1x3x2x3x",
       spatial("2, 2", "0, 0, 0, 0", "1, 1")},
      {"2x6x9x10x", "8x3x3x3x", "8x", "2x8x9x10x",
       spatial("1, 1", "1, 1, 1, 1", "1, 1", 2)},
      // Two blocks of channels in each group.
      {"1x64x3x3x", "4x32x3x3x", "4x", "1x4x1x1x",
       spatial("1, 1", "0, 0, 0, 0", "1, 1", 2)},
      // Depthwise, with one filter per channel and with two.
      {"2x5x7x19x", "5x1x3x3x", "5x", "2x5x4x10x",
       spatial("2, 2", "1, 1, 1, 1", "1, 1", 5)},
      {"9x3x5x8x", "6x1x2x3x", "6x", "9x6x4x6x",
       spatial("1, 1", "0, 0, 0, 0", "1, 1", 3)},
      // Enough filters for tensor cores: rows of 8 pixels, ragged rows with a
      // stride, one pixel, and a long sum for the weight's gradient.
      {"3x3x8x8x", "16x3x3x3x", "16x", "3x16x8x8x",
       spatial("1, 1", "1, 1, 1, 1", "1, 1")},
      {"2x16x9x7x", "24x16x3x3x", "24x", "2x24x5x4x",
       spatial("2, 2", "1, 1, 1, 1", "1, 1")},
      {"2x16x6x4x", "32x8x1x1x", "32x", "2x32x6x4x",
       spatial("1, 1", "0, 0, 0, 0", "1, 1", 2)},
      {"4x2x24x24x", "8x2x3x3x", "8x", "4x8x22x22x",
       spatial("1, 1", "0, 0, 0, 0", "1, 1")}};
  for (const Instance &i : instances) {
    cases.push_back({"conv",
                     {{i.input + "T"}, {i.weight + "T"}, {i.bias + "T"}},
                     i.attributes,
                     {i.output + "R"}});
    cases.push_back({"conv",
                     {{i.input + "T"}, {i.weight + "T"}},
                     i.attributes,
                     {i.output + "R"}});
    cases.push_back({"conv_input_grad",
                     {{i.output + "T"}, {i.weight + "T"}},
                     i.attributes,
                     {i.input + "R"}});
    cases.push_back({"conv_weight_grad",
                     {{i.output + "T"}, {i.input + "T"}},
                     i.attributes,
                     {i.weight + "R"}});
  }
}

namespace {
struct Window {
  string input, kernel, strides, pads, output, dilations = "1, 1";

  string attributes() const {
    return "kernel = array<i64: " + kernel +
           ">, strides = array<i64: " + strides +
           ">, pads = array<i64: " + pads +
           ">, dilations = array<i64: " + dilations + ">";
  }
};
} // namespace

static void addPooling(Cases &cases) {
  const Window windows[] = {
      {"2x3x8x18x", "2, 2", "2, 2", "0, 0, 0, 0", "2x3x4x9x"},
      // Windows that tile the input, by four, two and one in a vector; between
      // and within some of them lies what no window has.
      {"2x3x8x24x", "2, 2", "2, 2", "0, 0, 0, 0", "2x3x4x12x"},
      {"1x2x6x16x", "1, 2", "3, 4", "0, 0, 0, 0", "1x2x2x4x"},
      {"2x1x8x8x", "2, 3", "4, 8", "0, 0, 0, 0", "2x1x2x1x", "3, 3"},
      {"1x2x7x9x", "3, 3", "1, 1", "1, 1, 1, 1", "1x2x7x9x"},
      {"1x1x5x7x", "1, 2", "2, 3", "0, 0, 0, 0", "1x1x3x2x"},
      {"1x1x4x3x", "2, 3", "1, 2", "1, 0, 0, 2", "1x1x4x2x"},
      {"1x1x1x1x", "1, 1", "1, 1", "0, 0, 0, 0", "1x1x1x1x"},
      {"2x1x6x9x", "2, 3", "1, 2", "0, 0, 0, 0", "2x1x4x2x", "2, 3"},
      {"2x3x11x18x", "3, 2", "2, 2", "1, 1, 1, 0", "2x3x5x8x", "2, 3"},
      // The last windows begin inside, but end beyond the input or its padding.
      {"1x1x6x7x", "3, 2", "2, 2", "0, 0, 0, 0", "1x1x3x4x"},
      {"1x2x9x9x", "3, 3", "3, 2", "1, 1, 1, 1", "1x2x4x5x"},
      // The input lies between the two elements of each window.
      {"1x1x1x3x", "2, 1", "1, 1", "1, 0, 1, 0", "1x1x1x3x", "2, 1"}};
  for (const Window &w : windows) {
    cases.push_back(
        {"max_pool", {{w.input + "T"}}, w.attributes(), {w.output + "R"}});
    cases.push_back({"max_pool_grad",
                     {{w.output + "T"}, {w.input + "T"}},
                     w.attributes(),
                     {w.input + "R"}});
    for (const string &all :
         {w.attributes(), w.attributes() + ", count_include_pad"}) {
      cases.push_back(
          {"average_pool", {{w.input + "T"}}, all, {w.output + "R"}});
      cases.push_back(
          {"average_pool_grad", {{w.output + "T"}}, all, {w.input + "R"}});
    }
  }
}

// Windows of two edge values: zeros of both signs, NaN and infinities meet.
static void addEdges(Cases &cases) {
  string rows = "1x1x" + std::to_string(edgeCount) + "x";
  Window pairs{rows + std::to_string(edgeCount) + "x", "1, 2", "1, 1",
               "0, 0, 0, 0", rows + std::to_string(edgeCount - 1) + "x"};
  cases.push_back({"max_pool",
                   {{pairs.input + "T", Fill::EdgeRight}},
                   pairs.attributes(),
                   {pairs.output + "R"}});
}

void mpc::test::addWindowCases(Cases &cases) {
  addConvolution(cases);
  addPooling(cases);
  addEdges(cases);
}
