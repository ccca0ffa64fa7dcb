// Reductions, softmax, normalisation by rows, losses and dropout.
#include "test/gradients/RowCases.h"

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;

namespace {
/// One op `mpc.OP ARGUMENTS ATTRIBUTES` as a case. Of more than one result the
/// first is returned; the others have no derivative.
struct Op {
  string op;         ///< "pointwise_loss huber": what follows is the text's
  string attributes; ///< in braces
  std::vector<string> arguments, results;
};
} // namespace

static string tensor(const string &type) { return "tensor<" + type + ">"; }

static Case makeCase(const string &name, const Op &op,
                     std::vector<std::vector<int64_t>> integers = {}) {
  string declared, used, types, results;
  for (size_t i = 0; i < op.arguments.size(); ++i) {
    string comma = i ? ", " : "", value = "%a" + std::to_string(i);
    declared += comma + value + ": " + tensor(op.arguments[i]);
    used += comma + value;
    types += comma + tensor(op.arguments[i]);
  }
  for (const string &result : op.results)
    results += (results.empty() ? "" : ", ") + tensor(result);
  bool several = op.results.size() > 1;
  string target = several ? "%r:" + std::to_string(op.results.size()) : "%r";
  string text = "func.func @f(" + declared + ") -> " + tensor(op.results[0]) +
                " {\n  " + target + " = mpc." + op.op + " " + used + " " +
                op.attributes + " : (" + types + ") -> (" + results +
                ")\n  return " + (several ? "%r#0" : "%r") + " : " +
                tensor(op.results[0]) + "\n}";
  return {op.op.substr(0, op.op.find(' ')), name, text, std::move(integers)};
}

static void addReductions(Cases &cases) {
  for (string op : {"reduce_mean", "reduce_max", "reduce_min"}) {
    auto one = [&](const char *name, string from, string attributes,
                   string to) {
      cases.push_back(makeCase(name, {op, attributes, {from}, {to}}));
    };
    one("OfAllAxes", "2x3xf32", "{axes = array<i64: 0, 1>}", "f32");
    one("OfTheMiddleAxis", "2x3x2xf32", "{axes = array<i64: 1>}", "2x2xf32");
    one("KeepsDimensions", "2x3x2xf32", "{axes = array<i64: 0, 2>, keep_dims}",
        "1x3x1xf32");
    one("OverSizeOne", "1x4xf32", "{axes = array<i64: 0>}", "4xf32");
    one("OverNoAxis", "3xf32", "{axes = array<i64>}", "3xf32");
  }
}

static void addSoftmax(Cases &cases) {
  for (string op : {"softmax", "log_softmax"}) {
    auto one = [&](const char *name, string shape, int axis) {
      cases.push_back(
          makeCase(name, {op,
                          "{axis = " + std::to_string(axis) + " : i64}",
                          {shape},
                          {shape}}));
    };
    one("OfRows", "3x4xf32", 1);
    one("OfTheMiddleAxis", "2x3x2xf32", 1);
    one("OfTheFirstAxis", "4x3xf32", 0);
    one("OfOneElement", "2x1xf32", 1);
  }
}

static void addRowNormalization(Cases &cases) {
  struct Instance {
    const char *name;
    string shape, row, statistics, axis;
  };
  // A large epsilon, so that its place in the formula shows.
  const string epsilon = " : i64, epsilon = 0.5 : f32";
  for (const Instance &i :
       {Instance{"OfRows", "3x4xf32", "4xf32", "3x1xf32", "1"},
        {"OfTwoDimensions", "2x2x3xf32", "2x3xf32", "2x1x1xf32", "1"},
        {"OfEverything", "2x3xf32", "2x3xf32", "1x1xf32", "0"},
        {"OfOneElement", "2x1xf32", "1xf32", "2x1xf32", "1"}}) {
    auto layer = [&](string name, bool scale, bool bias) {
      string segments = ", operandSegmentSizes = array<i32: 1, " +
                        std::to_string(scale) + ", " + std::to_string(bias) +
                        ">}";
      std::vector<string> arguments{i.shape};
      arguments.insert(arguments.end(), scale + bias, i.row);
      cases.push_back(
          makeCase(i.name + name, {"layer_normalization",
                                   "{axis = " + i.axis + epsilon + segments,
                                   arguments,
                                   {i.shape, i.statistics, i.statistics}}));
    };
    layer("", true, true);
    layer("WithoutBias", true, false);
    layer("WithoutScale", false, true);
    layer("Alone", false, false);
    auto rms = [&](string name, std::vector<string> arguments) {
      cases.push_back(
          makeCase(i.name + name, {"rms_normalization",
                                   "{axis = " + i.axis + epsilon + "}",
                                   arguments,
                                   {i.shape, i.statistics}}));
    };
    rms("", {i.shape, i.row});
    rms("WithoutScale", {i.shape});
  }
}

static void addCrossEntropy(Cases &cases) {
  struct Instance {
    const char *name;
    string logits, labels, classes;
    int axis;
    std::vector<int64_t> values;
  };
  for (const Instance &i :
       {Instance{"OfRows", "3x4xf32", "3xi64", "4xf32", 1, {0, 3, 1}},
        {"OfPixels", "2x3x2xf32", "2x2xi64", "3xf32", 1, {2, -100, 0, 1}},
        {"OfOneSample", "5xf32", "i64", "5xf32", 0, {4}}}) {
    string attributes = "{class_axis = " + std::to_string(i.axis) +
                        " : i64, ignore_index = -100 : i64";
    string smooth = ", label_smoothing = 0.25 : f32}";
    cases.push_back(makeCase(
        i.name + string("Smoothed"),
        {"cross_entropy", attributes + smooth, {i.logits, i.labels}, {"f32"}},
        {i.values}));
    // The weights are numbers of the loss; there is no derivative by them.
    for (auto [name, end] :
         {std::pair<string, string>{"Weighted", "}"}, {"Both", smooth}}) {
      string c = tensor(i.classes), x = tensor(i.logits), y = tensor(i.labels);
      string weights = "dense<[0.5, 2.0, 1.5, 0.25, 3.0]> : tensor<5xf32>";
      if (i.classes == "4xf32")
        weights = "dense<[0.5, 2.0, 1.5, 0.25]> : tensor<4xf32>";
      if (i.classes == "3xf32")
        weights = "dense<[0.5, 2.0, 1.5]> : tensor<3xf32>";
      cases.push_back({"cross_entropy",
                       i.name + name,
                       "func.func @f(%x: " + x + ", %y: " + y +
                           ") -> tensor<f32> {\n" +
                           "  %r = mpc.cross_entropy %x, %y, %w " + attributes +
                           end + " : (" + x + ", " + y + ", " + c +
                           ") -> tensor<f32>\n  return %r : tensor<f32>\n}",
                       {i.values}});
      string &text = cases.back().ir;
      text.insert(text.find("  %r"),
                  "  %w = mpc.constant " + weights + " : " + c + "\n");
    }
  }
}

static void addPointwiseLosses(Cases &cases) {
  for (string kind : {"l1", "huber", "bce_logits"})
    for (string shape : {"2x3xf32", "1x1xf32", "4xf32"})
      cases.push_back(
          makeCase(kind + "Shape" + shape,
                   {"pointwise_loss " + kind, "", {shape, shape}, {"f32"}}));
}

static void addDropout(Cases &cases) {
  for (string shape : {"3x5xf32", "1x1xf32", "f32", "17xf32"})
    for (string ratio : {"0.0", "0.5", "0.9"})
      cases.push_back(
          makeCase("Shape" + shape + "Ratio" + ratio.substr(2),
                   {"dropout",
                    "{ratio = " + ratio + " : f32, seed = 8589934595 : i64}",
                    {shape, "i64"},
                    {shape, "i64"}},
                   {{7}}));
}

void mpc::test::addRowCases(Cases &cases) {
  addReductions(cases);
  addSoftmax(cases);
  addRowNormalization(cases);
  addCrossEntropy(cases);
  addPointwiseLosses(cases);
  addDropout(cases);
}
