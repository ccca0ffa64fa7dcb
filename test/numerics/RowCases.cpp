#include "test/numerics/RowCases.h"
#include <cmath>

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;
using Arguments = std::vector<Argument>;
using Integers = std::vector<int64_t>;

Argument mpc::test::integers(string type, Integers values) {
  return {std::move(type), Fill::Given, {}, std::move(values)};
}

static void addReductions(Cases &cases) {
  for (string op : {"reduce_sum", "reduce_mean", "reduce_max", "reduce_min",
                    "reduce_prod"}) {
    auto one = [&](Argument from, string attributes, string to) {
      cases.push_back({op, {from}, attributes, {to}});
    };
    one({"17x35xT"}, "axes = array<i64: 0>", "35xR");
    one({"5x131xT"}, "axes = array<i64: 1>, keep_dims", "5x1xR");
    one({"3x5x7x11xT"}, "axes = array<i64: 0, 2, 3>", "5xR");
    one({"3x5x7x11xT"}, "axes = array<i64: 1, 3>, keep_dims", "3x1x7x1xR");
    one({"67xT"}, "axes = array<i64: 0>", "R");
    one({"1x3xT"}, "axes = array<i64: 0>", "3xR");
    one({"5xT"}, "axes = array<i64>", "5xR");
    one({"3x0xT"}, "axes = array<i64: 1>", "3xR");
    // Rows whose vectors are whole among all elements alone, by a warp and by
    // a block that has several steps at a time.
    one({"9x2x259xT"}, "axes = array<i64: 2>", "9x2xR");
    if (op != "reduce_prod")
      one({"5x9005xT"}, "axes = array<i64: 1>, keep_dims", "5x1xR");
    // Columns of many rows, which a GPU sums in parts, the last one shorter: of
    // vectors, of rows that are not whole vectors, and of few columns.
    if (op == "reduce_sum") {
      one({"5000x40xT"}, "axes = array<i64: 0>", "40xR");
      one({"5x821x17xT"}, "axes = array<i64: 0, 1>, keep_dims", "1x1x17xR");
      one({"9000x3xT"}, "axes = array<i64: 0>", "3xR");
      one({"40x70xT"}, "axes = array<i64: 0>", "70xR");
      // Vectors that are whole among all elements alone.
      one({"4100x289xf16"}, "axes = array<i64: 0>", "289xf32");
      one({"2051x301xf32"}, "axes = array<i64: 0>", "301xf32");
    }
    // Rows that registers hold, by threads of which some have less than others.
    // Then few long rows: parts of 8192, all of them whole or not. A product of
    // as many is beyond the range of f32 on its way, which depends on the
    // order.
    if (op != "reduce_prod") {
      one({"3x1000xT"}, "axes = array<i64: 1>", "3xR");
      one({"2x1096xT"}, "axes = array<i64: 1>", "2xR");
      one({"2x40960xT"}, "axes = array<i64: 1>", "2xR");
      one({"3x2x17010xT"}, "axes = array<i64: 0, 2>, keep_dims", "1x2x1xR");
    }
    for (string type : {"i8", "i32", "i64", "i1"}) {
      Integers values = {7, -9, 100, 2, 60, -128, 3, 1, 0, -1, 5, 127};
      if (type == "i1")
        values = {1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0};
      auto whole = [&](string shape, string attributes, string to) {
        cases.push_back({op,
                         {integers(shape + type, values)},
                         attributes,
                         {to + type},
                         true});
      };
      whole("3x4x", "axes = array<i64: 0>", "4x");
      whole("3x4x", "axes = array<i64: 1>", "3x");
      whole("12x", "axes = array<i64: 0>, keep_dims", "1x");
      cases.push_back({op,
                       {integers("2x0x" + type, {})},
                       "axes = array<i64: 1>",
                       {"2x" + type},
                       true});
    }
  }
  // Pairs of edge values: zeros of both signs, NaN and infinities meet.
  string half = std::to_string(edgeCount / 2) + "x";
  for (string op : {"reduce_max", "reduce_min"})
    cases.push_back({op,
                     {{half + "2xT", Fill::EdgeRight}},
                     "axes = array<i64: 1>",
                     {half + "R"}});
}

Argument mpc::test::pattern(string shape, string type, size_t rows,
                            size_t length) {
  Argument made{shape + type, Fill::Given, {}, {}};
  for (size_t i = 0; i < rows * length; ++i)
    made.numbers.push_back(double(i * 7919 % 1000) / 250);
  return made;
}

// So many rows that clusters stream them, one at a time or two, with much room
// in shared memory for those that follow or little; of one all elements are
// masked.
static void addStreamedSoftmax(Cases &cases) {
  auto one = [&](string name, size_t rows, size_t length, string type) {
    string shape = std::to_string(rows) + "x" + std::to_string(length) + "x";
    Argument x = pattern(shape, type, rows, length);
    const string axis = "axis = 1 : i64";
    if (name.ends_with("grad"))
      return cases.push_back({name, {x, x}, axis, {shape + type}});
    auto masked = x.numbers.begin() + std::ptrdiff_t(3 * length);
    std::fill_n(masked, length, -HUGE_VAL);
    cases.push_back({name, {x}, axis, {shape + type}});
  };
  for (string op : {"softmax", "log_softmax"}) {
    one(op, 35, 29001, "f32");
    one(op, 16, 65601, op == "softmax" ? "f16" : "bf16");
    one(op + "_grad", 17, 29001, "f32");
  }
  one("softmax", 15, 131208, "f32");
  one("softmax_grad", 15, 65608, "f32");
  one("log_softmax_grad", 15, 65608, "bf16");
}

static void addSoftmax(Cases &cases) {
  auto one = [&](string shape, string axis) {
    string attributes = "axis = " + axis + " : i64";
    for (string op : {"softmax", "log_softmax"}) {
      cases.push_back({op, {{shape + "T"}}, attributes, {shape + "R"}});
      cases.push_back({op + "_grad",
                       {{shape + "T"}, {shape + "T"}},
                       attributes,
                       {shape + "R"}});
    }
  };
  one("5x131x", "1");
  one("19x40x", "0");
  one("3x7x35x", "1");
  one("2x3x4x", "1");
  one("4x1x", "1");
  one("9x", "0");
  // Rows that a warp holds in registers, and a block, by threads that all have
  // as much or not.
  one("3x768x", "1");
  one("2x2048x", "1");
  one("3x1000x", "1");
  one("2x2600x", "1");
  // One that a block has in shared memory.
  one("2x5120x", "1");
  // Rows whose vectors are whole among all elements alone.
  one("9x259x", "1");
  one("3x1091x", "1");
  // A row of which a team's registers hold no more than a part.
  one("2x9005x", "1");
  // Rows that the blocks of a cluster share.
  one("3x50257x", "1");
  // Of these some have nothing but masked elements, or all.
  constexpr size_t length = 50257;
  std::vector<double> masked(2 * length, -HUGE_VAL);
  for (size_t i = length / 2; i < length; ++i)
    masked[i] = double(i % 7) / 2;
  for (string op : {"softmax", "log_softmax"})
    cases.push_back({op,
                     {{"2x50257xT", Fill::Given, masked}},
                     "axis = 1 : i64",
                     {"2x50257xR"}});
  addStreamedSoftmax(cases);
  // Not if they are no rows of the last dimension.
  cases.push_back(
      {"softmax", {{"20x29001x1xf32"}}, "axis = 1 : i64", {"20x29001x1xf32"}});
}

static void addRowNormalization(Cases &cases) {
  struct Instance {
    string shape, row, statistics, axis;
  };
  for (const Instance &i : {Instance{"5x131x", "131xf32", "5x1xf32", "1"},
                            {"3x4x35x", "4x35xf32", "3x1x1xf32", "1"},
                            {"2x3x", "2x3xf32", "1x1xf32", "0"},
                            {"70x600x", "600xf32", "70x1xf32", "1"},
                            {"3x512x", "512xf32", "3x1xf32", "1"},
                            {"9x259x", "259xf32", "9x1xf32", "1"},
                            {"4x2x1x", "2x1xf32", "4x1x1xf32", "1"}}) {
    const string axis = "axis = " + i.axis + " : i64";
    const string epsilon = axis + ", epsilon = 1.0e-5 : f32";
    Argument positive{i.statistics, Fill::Positive};
    auto layer = [&](Arguments arguments, string segments) {
      cases.push_back(
          {"layer_normalization",
           arguments,
           epsilon + ", operandSegmentSizes = array<i32: 1, " + segments + ">",
           {i.shape + "R", i.statistics, i.statistics}});
    };
    layer({{i.shape + "T"}, {i.row}, {i.row}}, "1, 1");
    layer({{i.shape + "T"}, {i.row}}, "1, 0");
    layer({{i.shape + "T"}, {i.row}}, "0, 1");
    layer({{i.shape + "T"}}, "0, 0");
    for (Arguments scale : {Arguments{{i.row}}, Arguments{}}) {
      Arguments forward{{i.shape + "T"}};
      Arguments layerGrad{{i.shape + "T"}, {i.shape + "T"}};
      for (Arguments *arguments : {&forward, &layerGrad})
        arguments->insert(arguments->end(), scale.begin(), scale.end());
      Arguments rmsGrad = layerGrad;
      rmsGrad.push_back(positive);
      layerGrad.push_back({i.statistics});
      layerGrad.push_back(positive);
      cases.push_back({"layer_normalization_grad",
                       layerGrad,
                       axis,
                       {i.shape + "R", i.row, i.row}});
      cases.push_back({"rms_normalization",
                       forward,
                       epsilon,
                       {i.shape + "R", i.statistics}});
      cases.push_back(
          {"rms_normalization_grad", rmsGrad, axis, {i.shape + "R", i.row}});
    }
  }
}

// A norm along rows, with all that it may read, or its gradient.
static void addNorm(Cases &cases, string op, string rows, string length,
                    string type, string resultType) {
  const bool hasMean = op.starts_with("layer"), isGrad = op.ends_with("grad");
  const string shape = rows + "x" + length + "x";
  const string row = length + "xf32", column = rows + "x1xf32";
  Arguments arguments{{shape + type}};
  if (isGrad)
    arguments.push_back({shape + type});
  arguments.push_back({row});
  if (hasMean)
    arguments.push_back({isGrad ? column : row});
  if (isGrad)
    arguments.push_back({column, Fill::Positive});
  string attributes = "axis = 1 : i64";
  if (!isGrad)
    attributes += ", epsilon = 1.0e-5 : f32";
  if (!isGrad && hasMean)
    attributes += ", operandSegmentSizes = array<i32: 1, 1, 1>";
  std::vector<string> results{shape + resultType, isGrad ? row : column};
  if (hasMean)
    results.push_back(results.back());
  cases.push_back({op, arguments, attributes, results});
}

// Long rows, of which a GPU holds several in shared memory, side by side where
// there are enough: 33 are a tile of each place in a vector, and one more.
static void addLongRowNormalization(Cases &cases) {
  for (auto [rows, length] : {std::pair("33", "4201"), {"3", "9005"}})
    for (string op : {"layer_normalization", "layer_normalization_grad",
                      "rms_normalization", "rms_normalization_grad"})
      addNorm(cases, op, rows, length, "T", "R");
}

// Rows that the registers of a warp hold, of a block, and shared memory.
static void addHeldNormalization(Cases &cases) {
  for (string length : {"1000", "2600", "5120"})
    for (string op : {"layer_normalization", "layer_normalization_grad",
                      "rms_normalization", "rms_normalization_grad"})
      addNorm(cases, op, "3", length, "T", "R");
}

// Rows that clusters stream through shared memory, one or two at a time, with
// or without elements that are in no vector; few, as the emulator is slow.
static void addStreamedNormalization(Cases &cases) {
  auto one = [&](string op, string rows, string length, string type) {
    addNorm(cases, op, rows, length, type, type);
  };
  one("layer_normalization", "33", "28601", "f16");
  one("layer_normalization", "33", "15001", "f32");
  one("layer_normalization_grad", "33", "28501", "bf16");
  one("rms_normalization", "33", "28601", "bf16");
  one("rms_normalization", "16", "33000", "f32");
  one("rms_normalization_grad", "16", "33001", "f32");
}

// Gradients of scale and bias over many rows, which a GPU sums in parts, the
// last one shorter: of vectors and of rows that are not whole vectors.
static void addGradientsInParts(Cases &cases) {
  auto one = [&](string kind, string shape, string axis, string row,
                 string column, bool isScaled) {
    bool hasMean = kind == "layer";
    Arguments arguments{{shape + "T"}, {shape + "T"}};
    if (isScaled)
      arguments.push_back({row});
    if (hasMean)
      arguments.push_back({column});
    arguments.push_back({column, Fill::Positive});
    std::vector<string> results{shape + "R", row};
    if (hasMean)
      results.push_back(row);
    cases.push_back({kind + "_normalization_grad", arguments,
                     "axis = " + axis + " : i64", results});
  };
  one("layer", "2100x24x", "1", "24xf32", "2100x1xf32", true);
  one("layer", "3x701x17x", "2", "17xf32", "3x701x1xf32", false);
  one("rms", "3x701x17x", "2", "17xf32", "3x701x1xf32", true);
  one("rms", "2100x2x3x", "1", "2x3xf32", "2100x1x1xf32", false);
  // Vectors that are whole among all elements alone.
  cases.push_back(
      {"rms_normalization_grad",
       {{"1100x161xf32"}, {"1100x161xf32"}, {"1100x1xf32", Fill::Positive}},
       "axis = 1 : i64",
       {"1100x161xf32", "161xf32"}});
}

static void addDropout(Cases &cases) {
  for (string shape : {"3x37x", "", "200x131x", "0x3x"})
    for (string ratio : {"0.0", "0.5", "0.9"}) {
      string attributes =
          "ratio = " + ratio + " : f32, seed = 8589934595 : i64";
      Arguments arguments{{shape + "T"}, integers("i64", {4294967299})};
      cases.push_back({"dropout", arguments, attributes, {shape + "R", "i64"}});
      if (shape != "0x3x") // There would be nothing to run.
        cases.push_back({"dropout_grad", arguments, attributes, {shape + "R"}});
    }
  // What follows the root may be broadcast.
  cases.push_back({"dropout",
                   {{"4x9xT"}, integers("i64", {-1}), {"9xT"}},
                   "",
                   {"4x9xR"},
                   false,
                   "%d, %n = mpc.dropout %a0, %a1 {ratio = 0.25 : f32, seed = "
                   "-1 : i64} : (tensor<4x9x$T>, tensor<i64>) -> "
                   "(tensor<4x9x$T>, tensor<i64>)\n  %r = mpc.mul %d, %a2 : "
                   "(tensor<4x9x$T>, tensor<9x$T>) -> tensor<4x9x$R>"});
}

void mpc::test::addRowCases(Cases &cases) {
  addReductions(cases);
  addSoftmax(cases);
  addRowNormalization(cases);
  addHeldNormalization(cases);
  addLongRowNormalization(cases);
  addStreamedNormalization(cases);
  addGradientsInParts(cases);
  addDropout(cases);
}
