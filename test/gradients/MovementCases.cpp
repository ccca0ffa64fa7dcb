// Ops that move elements, and those steered by integer tensors.
#include "test/gradients/Cases.h"
#include <array>

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;
using Integers = std::vector<int64_t>;

static string strided(const string &starts, const string &steps) {
  return "{starts = array<i64: " + starts + ">, steps = array<i64: " + steps +
         ">}";
}

static void addSlices(Cases &cases) {
  auto one = [&](string op, const char *name, string from, string attributes,
                 string to) {
    cases.push_back({op, name, oneOp(op, {from}, attributes, to)});
  };
  struct Part {
    const char *name, *whole, *starts, *steps, *part;
  };
  for (const Part &p :
       {Part{"OfTheMiddle", "5x4xf32", "1, 2", "1, 1", "3x1xf32"},
        Part{"Backwards", "2x5xf32", "0, 4", "1, -2", "2x3xf32"},
        Part{"InSteps", "4x1x7xf32", "0, 0, 1", "3, 1, 2", "2x1x3xf32"},
        Part{"OfEverything", "1x3xf32", "0, 0", "1, 1", "1x3xf32"},
        Part{"OfNothing", "2x3xf32", "0, 0", "1, 1", "2x0xf32"}}) {
    one("slice", p.name, p.whole, strided(p.starts, p.steps), p.part);
    one("pad", p.name, p.part, strided(p.starts, p.steps), p.whole);
  }
  one("pad", "WithAValue", "2x2xf32",
      "{starts = array<i64: 1, 0>, steps = array<i64: 1, 1>, "
      "value = 3.0 : f64}",
      "3x4xf32");
  auto concat = [&](const char *name, std::vector<string> from, int axis,
                    string to) {
    cases.push_back({"concat", name,
                     oneOp("concat", from,
                           "{axis = " + std::to_string(axis) + " : i64}", to)});
  };
  concat("AlongRows", {"2x3xf32", "1x3xf32"}, 0, "3x3xf32");
  concat("AlongColumns", {"2x1x2xf32", "2x3x2xf32", "2x2x2xf32"}, 1,
         "2x6x2xf32");
  concat("OfOne", {"1x4xf32"}, 1, "1x4xf32");
  concat("WithAnEmptyOne", {"2x2xf32", "2x0xf32"}, 1, "2x2xf32");
}

static void addGathers(Cases &cases) {
  auto gather = [&](const char *name, string data, string indices, int axis,
                    string gathered, Integers values) {
    string attributes = "{axis = " + std::to_string(axis) + " : i64}";
    cases.push_back({"gather",
                     name,
                     oneOp("gather", {data, indices}, attributes, gathered),
                     {values}});
    cases.push_back(
        {"gather_grad",
         name,
         oneOp("gather_grad", {gathered, indices}, attributes, data),
         {values}});
  };
  gather("OfRepeatedRows", "4x3xf32", "5xi64", 0, "5x3xf32", {1, 3, 1, 1, 0});
  gather("OfColumnsFromTheEnd", "2x4xf32", "2x2xi64", 1, "2x2x2xf32",
         {-1, 0, -4, -1});
  gather("InTheMiddle", "2x3x2xf32", "3xi32", 1, "2x3x2xf32", {2, 2, -3});
  gather("OfSizeOne", "1x3xf32", "2xi64", 0, "2x3xf32", {0, 0});
  gather("OfAScalar", "3x2xf32", "i64", 0, "2xf32", {-2});
  gather("OutOfRange", "3x2xf32", "3xi64", 0, "3x2xf32", {7, -9, 3});
}

static void addScatters(Cases &cases) {
  auto scatter = [&](string reduction, const char *name, string data,
                     string indices, string updates, Integers values) {
    cases.push_back(
        {"scatter",
         name,
         oneOp("scatter", {data, indices, updates},
               "{reduction = #mpc<reduction " + reduction + ">}", data),
         {values}});
  };
  scatter("none", "Replaces", "4x2xf32", "2xi64", "2x2xf32", {3, -4});
  scatter("none", "TheLastWins", "3x2xf32", "4xi64", "4x2xf32", {1, 2, 1, -1});
  scatter("none", "OfSizeOne", "1xf32", "3xi32", "3xf32", {0, 0, 0});
  scatter("none", "OfNothing", "2x2xf32", "0xi64", "0x2xf32", {});
  scatter("add", "Adds", "3x1x2xf32", "4xi64", "4x1x2xf32", {0, 2, 0, -1});
  scatter("add", "AddsToScalars", "4xf32", "2xi64", "2xf32", {-1, 9});
}

void mpc::test::addMovementCases(Cases &cases) {
  addSlices(cases);
  addGathers(cases);
  addScatters(cases);
  for (auto [name, shape, axis] :
       {std::array<string, 3>{"OfALine", "5xf32", "0"},
        {"InTheMiddle", "2x3x2xf32", "1"},
        {"OfSizeOne", "3x1xf32", "1"}})
    for (string form :
         {"", ", exclusive", ", reverse", ", exclusive, reverse"}) {
      string kind;
      for (char c : form)
        if (std::isalpha(c))
          kind += c;
      cases.push_back(
          {"cum_sum", name + kind,
           oneOp("cum_sum", {shape}, "{axis = " + axis + " : i64" + form + "}",
                 shape)});
    }
}
