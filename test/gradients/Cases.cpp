#include "test/gradients/Cases.h"
#include "test/gradients/RowCases.h"
#include <array>

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;

static string tensor(const string &type) { return "tensor<" + type + ">"; }

string mpc::test::oneOp(const string &op, const std::vector<string> &arguments,
                        const string &attributes, const string &result) {
  string declared, used, types;
  for (size_t i = 0; i < arguments.size(); ++i) {
    string comma = i ? ", " : "", name = "%a" + std::to_string(i);
    declared += comma + name + ": " + tensor(arguments[i]);
    used += comma + name;
    types += comma + tensor(arguments[i]);
  }
  return "func.func @f(" + declared + ") -> " + tensor(result) +
         " {\n  %r = " + "mpc." + op + " " + used + " " + attributes + " : (" +
         types + ") -> " + tensor(result) +
         "\n  return %r : " + tensor(result) + "\n}";
}

static void addElementwise(Cases &cases) {
  for (string op : {"add", "sub", "mul", "div"}) {
    bool positive = op == "div";
    auto binary = [&](const char *name, string a, string b, string result) {
      cases.push_back({op, name, oneOp(op, {a, b}, "", result), {}, positive});
    };
    binary("SameShape", "2x3xf32", "2x3xf32", "2x3xf32");
    binary("BroadcastsSizeOneInTheMiddle", "2x1x3xf32", "2x4x3xf32",
           "2x4x3xf32");
    binary("BroadcastsLeadingDimensions", "2x3xf32", "3xf32", "2x3xf32");
    binary("BroadcastsBothOperands", "3x1xf32", "1x4xf32", "3x4xf32");
    binary("BroadcastsAScalar", "f32", "2x2xf32", "2x2xf32");
  }
  for (string op : {"neg", "sqrt", "relu"})
    for (string shape : {"f32", "5xf32", "2x1x4xf32"})
      cases.push_back({op,
                       "Shape" + shape,
                       oneOp(op, {shape}, "", shape),
                       {},
                       op == "sqrt"});
  auto cast = [&](const char *name, string from, string to, string user) {
    cases.push_back({"cast", name,
                     "func.func @f(%x: " + tensor(from) + ") -> " + tensor(to) +
                         " {\n  %r = mpc.cast %x " + user + " : " +
                         tensor(from) + " to " + tensor(to) +
                         "\n  return %r : " + tensor(to) + "\n}"});
  };
  cast("Narrows", "2x3xf32", "2x3xf16", "");
  cast("Widens", "4xbf16", "4xf32", "");
  cast("OfAUserBetweenNarrowFormats", "1x1xf16", "1x1xbf16", "{user}");
  auto select = [&](const char *name, string c, string a, string b, string r,
                    std::vector<int64_t> condition) {
    cases.push_back(
        {"select", name, oneOp("select", {c, a, b}, "", r), {condition}});
  };
  select("SameShape", "2x2xi1", "2x2xf32", "2x2xf32", "2x2xf32", {1, 0, 0, 1});
  select("BroadcastsTheCondition", "2x1xi1", "2x3xf32", "2x3xf32", "2x3xf32",
         {0, 1});
  select("BroadcastsAScalar", "3xi1", "f32", "3xf32", "3xf32", {1, 0, 1});
}

static void addShape(Cases &cases) {
  auto one = [&](string op, const char *name, string from, string attributes,
                 string to) {
    cases.push_back({op, name, oneOp(op, {from}, attributes, to)});
  };
  one("reshape", "Flattens", "2x3x2xf32", "", "2x6xf32");
  one("reshape", "AddsSizeOne", "4xf32", "", "1x4x1xf32");
  one("reshape", "OfAScalar", "1x1xf32", "", "f32");
  one("transpose", "OfAMatrix", "2x3xf32", "{perm = array<i64: 1, 0>}",
      "3x2xf32");
  // A cycle of three dimensions is not its own inverse.
  one("transpose", "Cycles", "2x3x4xf32", "{perm = array<i64: 1, 2, 0>}",
      "3x4x2xf32");
  one("transpose", "OfSizeOne", "1x3xf32", "{perm = array<i64: 1, 0>}",
      "3x1xf32");
  one("broadcast", "OfAScalar", "f32", "", "2x3xf32");
  one("broadcast", "InTheMiddle", "2x1x2xf32", "", "2x3x2xf32");
  one("broadcast", "AddsLeadingDimensions", "1x3xf32", "", "2x4x3xf32");
  one("reduce_sum", "OfAllAxes", "2x3xf32", "{axes = array<i64: 0, 1>}", "f32");
  one("reduce_sum", "OfTheMiddleAxis", "2x3x2xf32", "{axes = array<i64: 1>}",
      "2x2xf32");
  one("reduce_sum", "KeepsDimensions", "2x3x2xf32",
      "{axes = array<i64: 0, 2>, keep_dims}", "1x3x1xf32");
  one("reduce_sum", "OverSizeOne", "1x4xf32", "{axes = array<i64: 0>}",
      "4xf32");
}

static void addLinearAlgebra(Cases &cases) {
  auto gemm = [&](const char *name, std::vector<string> arguments,
                  string attributes, string result) {
    cases.push_back(
        {"gemm", name, oneOp("gemm", arguments, attributes, result)});
  };
  gemm("Plain", {"2x3xf32", "3x4xf32"}, "", "2x4xf32");
  gemm("TransposesA", {"3x2xf32", "3x4xf32"}, "{trans_a}", "2x4xf32");
  gemm("TransposesB", {"2x3xf32", "4x3xf32", "4xf32"}, "{trans_b}", "2x4xf32");
  gemm("TransposesBothAndScales", {"3x2xf32", "4x3xf32", "2x1xf32"},
       "{trans_a, trans_b, alpha = 0.5 : f32, beta = -2.0 : f32}", "2x4xf32");
  gemm("AddsAScalar", {"2x3xf32", "3x2xf32", "f32"}, "{alpha = 2.0 : f32}",
       "2x2xf32");
  gemm("OfSizeOne", {"1x1xf32", "1x3xf32", "1x3xf32"}, "", "1x3xf32");
  auto batch = [&](const char *name, std::vector<string> arguments,
                   string attributes, string result) {
    cases.push_back({"batch_matmul", name,
                     oneOp("batch_matmul", arguments, attributes, result)});
  };
  batch("Plain", {"2x2x3xf32", "2x3x4xf32"}, "", "2x2x4xf32");
  batch("TransposesA", {"2x3x2xf32", "2x3x4xf32"}, "{trans_a}", "2x2x4xf32");
  batch("TransposesB", {"2x2x3xf32", "2x4x3xf32"}, "{trans_b}", "2x2x4xf32");
  batch("TransposesBoth", {"2x3x2xf32", "2x4x3xf32"}, "{trans_a, trans_b}",
        "2x2x4xf32");
  batch("OfSizeOne", {"1x1x1xf32", "1x1x3xf32"}, "", "1x1x3xf32");
}

// Of the training form only the normalized output has a derivative.
static void addNormalization(Cases &cases) {
  for (auto [name, shape, channels] :
       {std::array<string, 3>{"OfImages", "2x3x2x2xf32", "3xf32"},
        {"OfRows", "5x2xf32", "2xf32"},
        {"OfOneChannel", "3x1x2xf32", "1xf32"}}) {
    string x = tensor(shape), c = tensor(channels);
    string types = x + ", " + c + ", " + c + ", " + c + ", " + c;
    // A large epsilon, so that its place in the formula shows.
    cases.push_back({"batch_normalization", name,
                     "func.func @f(%x: " + x + ", %s: " + c + ", %b: " + c +
                         ", %m: " + c + ", %v: " + c + ") -> " + x +
                         " {\n  %r:5 = mpc.batch_normalization %x, %s, %b, "
                         "%m, %v {epsilon = 0.5 : f32, momentum = 0.5 : f32} "
                         ": (" +
                         types + ") -> (" + types + ")\n  return %r#0 : " + x +
                         "\n}"});
    cases.push_back({"batch_normalization_inference",
                     name,
                     oneOp("batch_normalization_inference",
                           {shape, channels, channels, channels, channels},
                           "{epsilon = 0.5 : f32}", shape),
                     {},
                     true});
  }
}

static void addLosses(Cases &cases) {
  auto crossEntropy = [&](const char *name, string logits, string labels,
                          int axis, std::vector<int64_t> values) {
    cases.push_back({"cross_entropy",
                     name,
                     oneOp("cross_entropy", {logits, labels},
                           "{class_axis = " + std::to_string(axis) +
                               ", ignore_index = -100}",
                           "f32"),
                     {values}});
  };
  crossEntropy("OfRows", "3x4xf32", "3xi64", 1, {0, 3, 1});
  crossEntropy("OfPixelsWithIgnoredOnes", "2x3x2xf32", "2x2xi64", 1,
               {2, -100, 0, 1});
  crossEntropy("OfOneSample", "5xf32", "i64", 0, {4});
  crossEntropy("OfNothing", "2x3xf32", "2xi64", 1, {-100, -100});
  for (string shape : {"2x3xf32", "1x1xf32", "4xf32"})
    cases.push_back({"pointwise_loss", "MseShape" + shape,
                     oneOp("pointwise_loss mse", {shape, shape}, "", "f32")});
}

const std::vector<Case> &mpc::test::allCases() {
  static const Cases cases = [] {
    Cases all;
    addElementwise(all);
    addFunctionCases(all);
    addShape(all);
    addLinearAlgebra(all);
    addMovementCases(all);
    addWindowCases(all);
    addNormalization(all);
    addLosses(all);
    addRowCases(all);
    return all;
  }();
  return cases;
}
