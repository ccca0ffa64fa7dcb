#include "test/numerics/RowCases.h"
#include <cmath>

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;
using Arguments = std::vector<Argument>;
using Integers = std::vector<int64_t>;

static void addCrossEntropy(Cases &cases) {
  struct Instance {
    string logits, labels, classes;
    int axis;
    Integers values;
  };
  const Instance instances[] = {
      {"7x10x", "7xi64", "10xf32", 1, {0, 9, 1, 2, 8, -100, 5}},
      {"2x3x2x", "2x2xi64", "3xf32", 1, {2, -100, 0, 1}},
      {"5x", "i64", "5xf32", 0, {4}},
      {"2x3x", "2xi64", "3xf32", 1, {-100, -100}},
      // Rows that a team's registers hold, that it reads once, and both of a
      // length that is no whole vectors.
      {"3x512x", "3xi64", "512xf32", 1, {511, -100, 0}},
      {"3x1096x", "3xi64", "1096xf32", 1, {1095, 8, -100}},
      {"9x259x", "9xi64", "259xf32", 1, {0, 1, 2, 258, 257, 7, 8, -100, 9}},
      {"3x1091x", "3xi64", "1091xf32", 1, {1090, 0, 5}},
      {"2x9005x", "2xi64", "9005xf32", 1, {9004, -100}},
      {"2x50257x", "2xi64", "50257xf32", 1, {50256, 3}},
      {"67x3x", "67xi64", "3xf32", 1, Integers(67, 1)}};
  for (const Instance &i : instances)
    for (string smoothing : {"", ", label_smoothing = 0.1 : f32"})
      for (bool weighted : {false, true}) {
        string attributes = "class_axis = " + std::to_string(i.axis) +
                            " : i64, ignore_index = -100 : i64" + smoothing;
        Arguments arguments{{i.logits + "T"}, integers(i.labels, i.values)};
        if (weighted)
          arguments.push_back({i.classes, Fill::Positive});
        cases.push_back({"cross_entropy", arguments, attributes, {"f32"}});
        arguments.insert(arguments.begin(), Argument{"f32"});
        cases.push_back(
            {"cross_entropy_grad", arguments, attributes, {i.logits + "R"}});
        cases.push_back({"cross_entropy_and_grad",
                         arguments,
                         attributes,
                         {"f32", i.logits + "R"}});
      }
}

// The second row begins within a vector and has one less than the first, so
// that one of its threads has. The largest logit is among what that one has
// left when it has gone over four vectors at a time.
static void addLargestInTheRest(Cases &cases) {
  Argument logits{"2x8193xT", Fill::Given, std::vector<double>(2 * 8193)};
  logits.numbers[8193 + 6144] = 10;
  cases.push_back({"cross_entropy",
                   {logits, integers("2xi64", {8192, 8191})},
                   "class_axis = 1 : i64, ignore_index = -100 : i64",
                   {"f32"}});
}

// Gradients that are far below the inverse of a sum of powers, and yet normal
// in bf16.
static void addSmallCrossEntropyGrad(Cases &cases) {
  for (auto [logits, labels, values] :
       {std::tuple("3x1091x", "3xi64", Integers{1090, -100, 5}),
        {"2x9005x", "2xi64", {9004, 4}}})
    cases.push_back({"cross_entropy_grad",
                     {{"f32", Fill::Given, {0x1p-108}, {}},
                      {logits + string("T")},
                      integers(labels, values)},
                     "class_axis = 1 : i64, ignore_index = -100 : i64",
                     {logits + string("R")}});
}

// Rows that clusters stream: labels in their first vector, before it, behind
// the last and in none, one that does not count, and one of a row with NaN.
static void addStreamedCrossEntropy(Cases &cases, size_t rows, size_t classes,
                                    string type, Argument gradient) {
  const string shape =
      std::to_string(rows) + "x" + std::to_string(classes) + "x" + type;
  Argument logits = pattern(shape, "", rows, classes);
  logits.numbers[5 * classes + 77] = std::nan("");
  Integers labels(rows, 1234);
  const auto end = int64_t(classes);
  for (auto [row, label] : {std::pair<size_t, int64_t>(0, 0),
                            {1, 2},
                            {2, end - 1},
                            {3, -100},
                            {4, end - 2},
                            {5, -100},
                            {6, 4}})
    labels[row] = label;
  const string attributes = "class_axis = 1 : i64, ignore_index = -100 : i64";
  const Arguments arguments{gradient, logits,
                            integers(std::to_string(rows) + "xi64", labels)};
  cases.push_back({"cross_entropy_grad", arguments, attributes, {shape}});
  cases.push_back(
      {"cross_entropy_and_grad", arguments, attributes, {"f32", shape}});
}

// Logits of minus infinity, as masks leave them: in all classes of a row but
// every `step`-th, the first of which is `first`; in all if there is none.
static void addMaskedCrossEntropy(Cases &cases, int64_t first, int64_t step) {
  const int64_t rows = 2, classes = 1096;
  Argument logits{"2x1096xT", Fill::Given, {}, {}};
  for (int64_t i = 0; i < rows * classes; ++i) {
    int64_t c = i % classes - first;
    bool isOpen = c >= 0 && c % step == 0;
    logits.numbers.push_back(isOpen ? double(c % 7) / 4 : -INFINITY);
  }
  const string attributes = "class_axis = 1 : i64, ignore_index = -100 : i64";
  Argument labels =
      integers("2xi64", {first % classes, (first + step) % classes});
  cases.push_back({"cross_entropy", {logits, labels}, attributes, {"f32"}});
  cases.push_back({"cross_entropy_grad",
                   {{"f32"}, logits, labels},
                   attributes,
                   {"2x1096xR"}});
  cases.push_back({"cross_entropy_and_grad",
                   {{"f32"}, logits, labels},
                   attributes,
                   {"f32", "2x1096xR"}});
}

static void addPointwiseLosses(Cases &cases) {
  for (string kind : {"l1", "huber", "bce_logits"})
    for (string shape : {"7x10x", "1x1x", "131x"}) {
      string attributes = "kind = #mpc<pointwise " + kind + ">";
      cases.push_back({"pointwise_loss",
                       {{shape + "T"}, {shape + "T"}},
                       attributes,
                       {"f32"}});
      cases.push_back({"pointwise_loss_grad",
                       {{"f32"}, {shape + "T"}, {shape + "T"}},
                       attributes,
                       {shape + "R"}});
    }
}

void mpc::test::addLossCases(Cases &cases) {
  addCrossEntropy(cases);
  addLargestInTheRest(cases);
  addSmallCrossEntropyGrad(cases);
  addStreamedCrossEntropy(cases, 17, 33001, "f32", {"f32"});
  addStreamedCrossEntropy(cases, 16, 65601, "f16", {"f32"});
  addStreamedCrossEntropy(cases, 16, 65601, "bf16",
                          {"f32", Fill::Given, {0x1p-108}, {}});
  addMaskedCrossEntropy(cases, 3, 97);
  addMaskedCrossEntropy(cases, 1000, 1);
  addMaskedCrossEntropy(cases, 2000, 1);
  addPointwiseLosses(cases);
}
