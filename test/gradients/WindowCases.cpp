// Convolution, transposed convolution and pooling.
#include "test/gradients/Cases.h"

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;

static string spatial(const char *strides, const char *pads,
                      const char *dilations, int groups = 1) {
  return string("{strides = array<i64: ") + strides +
         ">, pads = array<i64: " + pads +
         ">, dilations = array<i64: " + dilations +
         ">, groups = " + std::to_string(groups) + " : i64}";
}

static void addConvolution(Cases &cases) {
  auto conv = [&](const char *name, std::vector<string> arguments,
                  string attributes, string result) {
    cases.push_back(
        {"conv", name, oneOp("conv", arguments, attributes, result)});
  };
  conv("Padded", {"2x2x3x3xf32", "3x2x3x3xf32", "3xf32"},
       spatial("1, 1", "1, 1, 1, 1", "1, 1"), "2x3x3x3xf32");
  conv("OfSizeOne", {"1x1x1x1xf32", "1x1x1x1xf32"},
       spatial("1, 1", "0, 0, 0, 0", "1, 1"), "1x1x1x1xf32");
  conv("StrideBeyondTheKernelLeavesGaps", {"1x1x5x7xf32", "2x1x2x1xf32"},
       spatial("3, 2", "0, 0, 0, 0", "1, 1"), "1x2x2x4xf32");
  conv("DilatesAndPadsUnevenly", {"1x2x5x4xf32", "1x2x2x3xf32", "1xf32"},
       spatial("1, 2", "1, 0, 0, 2", "2, 1"), "1x1x4x2xf32");
  conv("InGroups", {"2x4x3x3xf32", "6x2x2x2xf32", "6xf32"},
       spatial("1, 1", "0, 0, 0, 0", "1, 1", 2), "2x6x2x2xf32");
  conv("Depthwise", {"1x3x3x4xf32", "3x1x3x3xf32"},
       spatial("1, 1", "1, 1, 1, 1", "1, 1", 3), "1x3x3x4xf32");
  conv("DepthwiseTwoFiltersPerChannel", {"1x2x1x5xf32", "4x1x1x3xf32"},
       spatial("1, 2", "0, 1, 0, 0", "1, 1", 2), "1x4x1x2xf32");
}

static void addTransposedConvolution(Cases &cases) {
  auto transposed = [&](const char *name, std::vector<string> arguments,
                        string attributes, string result) {
    cases.push_back({"conv_input_grad", name,
                     oneOp("conv_input_grad", arguments, attributes, result)});
  };
  transposed("Upsamples", {"2x2x2x2xf32", "2x3x2x2xf32"},
             spatial("2, 2", "0, 0, 0, 0", "1, 1"), "2x3x4x4xf32");
  transposed("OfSizeOne", {"1x1x1x1xf32", "1x1x1x1xf32"},
             spatial("1, 1", "0, 0, 0, 0", "1, 1"), "1x1x1x1xf32");
  // The last row is reached by no window: output_padding.
  transposed("PadsUnevenlyAndLeavesARest", {"1x2x2x3xf32", "2x1x3x2xf32"},
             spatial("2, 1", "1, 0, 0, 1", "1, 1"), "1x1x5x3xf32");
  transposed("InGroups", {"1x4x2x2xf32", "4x2x2x2xf32"},
             spatial("1, 1", "0, 0, 0, 0", "1, 1", 2), "1x4x3x3xf32");
  transposed("DilatesWithAStrideBeyondTheKernel",
             {"1x1x2x2xf32", "1x1x2x1xf32"},
             spatial("3, 2", "0, 0, 0, 0", "2, 1"), "1x1x6x3xf32");
}

static void addPooling(Cases &cases) {
  struct Window {
    const char *name, *input, *kernel, *strides, *pads, *result;
    const char *dilations = "1, 1";
  };
  const Window windows[] = {
      {"Tiles", "1x2x4x4xf32", "2, 2", "2, 2", "0, 0, 0, 0", "1x2x2x2xf32"},
      {"OverlapsAndPads", "2x1x3x3xf32", "3, 3", "1, 1", "1, 1, 1, 1",
       "2x1x3x3xf32"},
      {"StrideBeyondTheKernelLeavesGaps", "1x1x5x7xf32", "1, 2", "2, 3",
       "0, 0, 0, 0", "1x1x3x2xf32"},
      {"PadsUnevenly", "1x1x4x3xf32", "2, 3", "1, 2", "1, 0, 0, 2",
       "1x1x4x2xf32"},
      {"OfSizeOne", "1x1x1x1xf32", "1, 1", "1, 1", "0, 0, 0, 0", "1x1x1x1xf32"},
      {"Dilates", "1x1x5x5xf32", "2, 3", "1, 2", "0, 0, 0, 0", "1x1x3x2xf32",
       "2, 1"},
      {"DilatesAndPadsUnevenly", "1x2x4x5xf32", "2, 2", "1, 1", "1, 2, 0, 1",
       "1x2x3x5xf32", "2, 3"},
      {"RoundsUp", "1x1x4x5xf32", "3, 2", "2, 2", "0, 0, 0, 0", "1x1x2x3xf32"},
      {"RoundsUpBeyondThePadding", "1x1x6x4xf32", "3, 3", "3, 2", "1, 1, 1, 1",
       "1x1x3x3xf32"}};
  for (const Window &w : windows) {
    string attributes = string("kernel = array<i64: ") + w.kernel +
                        ">, strides = array<i64: " + w.strides +
                        ">, pads = array<i64: " + w.pads +
                        ">, dilations = array<i64: " + w.dilations + ">";
    auto pool = [&](string op, string name, string all) {
      cases.push_back({op, name, oneOp(op, {w.input}, all, w.result)});
    };
    pool("max_pool", w.name, "{" + attributes + "}");
    pool("average_pool", w.name, "{" + attributes + "}");
    pool("average_pool", string(w.name) + "CountingPads",
         "{" + attributes + ", count_include_pad}");
  }
}

void mpc::test::addWindowCases(Cases &cases) {
  addConvolution(cases);
  addTransposedConvolution(cases);
  addPooling(cases);
}
