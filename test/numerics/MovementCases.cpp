// Ops that move elements, and those steered by integer tensors.
#include "test/numerics/Cases.h"
#include <algorithm>

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;
using Integers = std::vector<int64_t>;

static const string singles = std::to_string(edgeCount) + "x";

static Argument given(const string &type, Integers values) {
  return {type, Fill::Given, {}, std::move(values)};
}

static Integers firstNumbers(int64_t count) {
  Integers numbers;
  for (int64_t i = 0; i < count; ++i)
    numbers.push_back(i * 37 % 101 - 50);
  return numbers;
}

static string strided(const string &starts, const string &steps) {
  return "starts = array<i64: " + starts + ">, steps = array<i64: " + steps +
         ">";
}

// Every movement in every float format, and once for integers and booleans.
static void addShapes(Cases &cases) {
  auto one = [&](string op, Argument from, string attributes, string to) {
    cases.push_back({op, {from}, attributes, {to}, true});
  };
  struct Part {
    string whole, starts, steps, part;
  };
  for (const Part &p : {Part{"67x35x", "3, 2", "1, 1", "61x29x"},
                        Part{"2x40x", "0, 39", "1, -3", "2x13x"},
                        Part{"5x1x20x", "4, 0, 1", "-2, 1, 2", "3x1x9x"},
                        Part{"40000x", "17", "1", "39000x"},
                        Part{"7x5x64x", "0, 3, 0", "1, 1, 1", "7x1x64x"},
                        Part{"13x48x", "0, 8", "1, 1", "13x32x"},
                        Part{"1x3x", "0, 0", "1, 1", "1x3x"},
                        Part{"2x9x", "0, 4", "1, 1", "2x0x"}}) {
    one("slice", {p.whole + "T"}, strided(p.starts, p.steps), p.part + "R");
    one("pad", {p.part + "T"}, strided(p.starts, p.steps), p.whole + "R");
    one("pad", {p.part + "T"},
        strided(p.starts, p.steps) + ", value = 1.1 : f64", p.whole + "R");
  }
  one("slice", {singles + "T", Fill::EdgeRight}, strided("0", "1"),
      singles + "R");
  one("pad", {"T"}, "starts = array<i64>, steps = array<i64>", "R");
  for (string type : {"i1", "i8", "i32", "i64"}) {
    Argument numbers = given("3x11x" + type, firstNumbers(33));
    if (type == "i1")
      for (int64_t &value : numbers.integers)
        value &= 1;
    one("slice", numbers, strided("0, 1", "2, 1"), "2x10x" + type);
    one("pad", numbers, strided("1, 9", "1, 1") + ", value = 1.0 : f64",
        "5x21x" + type);
    one("transpose", numbers, "perm = array<i64: 1, 0>", "11x3x" + type);
    one("broadcast", numbers, "", "2x3x11x" + type);
    cases.push_back({"concat",
                     {numbers, numbers},
                     "axis = 1 : i64",
                     {"3x22x" + type},
                     true});
    cases.push_back({"gather",
                     {numbers, given("2xi64", {-1, 0})},
                     "axis = 0 : i64",
                     {"2x11x" + type},
                     true});
    cases.push_back({"select",
                     {given("11xi1", {1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0}),
                      numbers, given("1x" + type, {1})},
                     "",
                     {"3x11x" + type},
                     true});
    cases.push_back({"reshape",
                     {numbers},
                     "",
                     {"33x" + type},
                     true,
                     "%v = mpc.reshape %a0 : (tensor<3x11x" + type +
                         ">) -> tensor<33x" + type +
                         ">\n  %r = mpc.slice %v {starts = array<i64: 0>, "
                         "steps = array<i64: 1>} : (tensor<33x" +
                         type + ">) -> tensor<33x" + type + ">"});
  }
  auto concat = [&](std::vector<Argument> from, int axis, string to) {
    cases.push_back({"concat",
                     from,
                     "axis = " + std::to_string(axis) + " : i64",
                     {to},
                     true});
  };
  concat({{"2x3xT"}, {"41x3xT"}, {"1x3xT"}}, 0, "44x3xR");
  concat({{"5x1xT"}, {"5x17xT"}, {"5x0xT"}, {"5x8xT"}}, 1, "5x26xR");
  concat({{"19x16xT"}, {"19x4xT"}, {"19x24xT"}}, 1, "19x44xR");
  concat({{"9x1x64xT"}, {"9x2x64xT"}, {"9x1x64xT"}}, 1, "9x4x64xR");
  concat({{"3x2x9xT"}, {"3x30x9xT"}}, 1, "3x32x9xR");
  concat({{"30000xT"}, {"20000xT"}}, 0, "50000xR");
  concat({{"1xT"}}, 0, "1xR");
  // Zeros behind rows, as a layout puts them there: they are in the code.
  cases.push_back({"concat",
                   {{"37x64xT"}, {"37x39xT"}},
                   "",
                   {"37x104xR"},
                   true,
                   "%z = mpc.constant dense<0.0> : tensor<37x1x$T> : "
                   "tensor<37x1x$T>\n  %r = mpc.concat %a0, %a1, %z {axis = 1 "
                   ": i64} : (tensor<37x64x$T>, tensor<37x39x$T>, "
                   "tensor<37x1x$T>) -> tensor<37x104x$R>"});
}

static const Integers wild = {3, -1, 99, 0, 3, -100, 2, 3, -4};

// How indices may fall on rows: all on one, each on its own, and two on the
// same with many in between.
static const Integers oneRow(70, 7);
static Integers ownRows(int64_t count) {
  Integers rows;
  for (int64_t i = 0; i < count; ++i)
    rows.push_back(i * 3 % count);
  return rows;
}
static Integers farApart(int64_t count) {
  Integers rows;
  for (int64_t i = 0; i < count; ++i)
    rows.push_back(i == 3 || i == count - 1 ? 5 : i + 6);
  return rows;
}

static void addGathers(Cases &cases) {
  auto gather = [&](string data, Argument indices, int axis, string gathered) {
    string attributes = "axis = " + std::to_string(axis) + " : i64";
    cases.push_back({"gather",
                     {{data + "T"}, indices},
                     attributes,
                     {gathered + "R"},
                     true});
    cases.push_back(
        {"gather_grad", {{gathered + "T"}, indices}, attributes, {data + "R"}});
  };
  // Lists as row_lists gives them, for indices that it is given too.
  auto sumRows = [&](Argument indices, string gradient, int64_t rows,
                     string sums) {
    int64_t count = int64_t(indices.integers.size());
    Integers first(size_t(rows), count), next(size_t(count), count);
    for (int64_t i = count; i-- > 0;) {
      int64_t index = indices.integers[size_t(i)];
      size_t row = size_t(
          std::clamp<int64_t>(index < 0 ? index + rows : index, 0, rows - 1));
      next[size_t(i)] = first[row];
      first[row] = i;
    }
    string ofRows = std::to_string(rows) + "xi32",
           ofIndices = std::to_string(count) + "xi32";
    cases.push_back({"row_lists", {indices}, "", {ofRows, ofIndices}, true});
    cases.push_back({"sum_rows",
                     {{gradient + "T"},
                      indices,
                      given(ofRows, first),
                      given(ofIndices, next)},
                     "",
                     {sums + "R"}});
    string rest = sums.substr(sums.find('x'));
    cases.push_back({"expand_rows",
                     {{sums + "T"}, given(ofRows, first)},
                     "",
                     {std::to_string(rows) + rest + "R"},
                     true});
  };
  sumRows(given("9xi64", wild), "9x19x", 5, "9x19x");
  sumRows(given("3x3xi32", wild), "3x3x2x8x", 40, "9x2x8x");
  sumRows(given("9xi64", wild), "9x", 7, "9x");
  sumRows(given("9xi64", wild), "9x1x", 21, "9x1x");
  sumRows(given("1xi64", {0}), "1x16x", 1, "1x16x");
  sumRows(given("70xi64", oneRow), "70x16x", 30, "70x16x");
  sumRows(given("101xi64", ownRows(101)), "101x24x", 101, "101x24x");
  sumRows(given("600xi32", farApart(600)), "600x8x", 2003, "600x8x");
  gather("5x19x", given("9xi64", wild), 0, "9x19x");
  gather("3x5x", given("3x3xi32", wild), 1, "3x3x3x");
  gather("2x5x8x", given("9xi64", wild), 1, "2x9x8x");
  gather("4x3x", given("i64", {-2}), 0, "3x");
  gather("7x", given("9xi64", wild), 0, "9x");
  gather("1x2x", given("1xi64", {0}), 0, "1x2x");
  gather("3x2x", given("0xi64", {}), 0, "0x2x");
  gather("2000x16x", given("9xi64", wild), 0, "9x16x");
  gather("30x16x", given("70xi64", oneRow), 0, "70x16x");
  gather("101x24x", given("101xi64", ownRows(101)), 0, "101x24x");
  gather("700x8x", given("600xi32", farApart(600)), 0, "600x8x");
  gather("3x7x30x", given("70xi64", oneRow), 2, "3x7x70x");
  gather("13x67x", given("50xi64", farApart(50)), 1, "13x50x");
}

static void addScatters(Cases &cases) {
  for (string reduction : {"none", "add", "mul", "max", "min"}) {
    string attributes = "reduction = #mpc<reduction " + reduction + ">";
    auto scatter = [&](string data, Argument indices, string updates) {
      cases.push_back({"scatter",
                       {{data + "T"}, indices, {updates + "T"}},
                       attributes,
                       {data + "R"},
                       true});
    };
    scatter("5x19x", given("9xi64", wild), "9x19x");
    scatter("7x", given("9xi32", wild), "9x");
    scatter("1x3x2x", given("9xi64", wild), "9x3x2x");
    scatter("700x8x", given("600xi64", farApart(600)), "600x8x");
    scatter("30x3x", given("70xi64", oneRow), "70x3x");
    scatter("3x2x", given("0xi64", {}), "0x2x");
    cases.push_back(
        {"scatter",
         {given("3xi64", {5, -7, 100}), given("4xi64", {0, 1, 0, 2}),
          given("4xi64", {2, -9, 3, 100})},
         attributes,
         {"3xi64"},
         true});
    cases.push_back({"scatter",
                     {given("4xi1", {0, 1, 0, 1}), given("4xi64", {0, 1, 2, 3}),
                      given("4xi1", {0, 0, 1, 1})},
                     attributes,
                     {"4xi1"},
                     true});
  }
}

static void addPositions(Cases &cases) {
  for (string form : {"", ", smallest", ", last", ", smallest, last"}) {
    auto arg = [&](Argument input, int axis, string result) {
      cases.push_back({"arg_reduce",
                       {input},
                       "axis = " + std::to_string(axis) + " : i64" + form,
                       {result}});
    };
    arg({"5x131xT"}, 1, "5xi64");
    arg({"3x4x17xT"}, 1, "3x17xi64");
    arg({singles + "T", Fill::EdgeRight}, 0, "i64");
    arg({"1x3xT", Fill::Given, {2, 2, 2}}, 0, "3xi64");
    arg({"1x3xT", Fill::Given, {2, 2, 2}}, 1, "1xi64");
    arg(given("2x4xi64", {3, -1, 3, -1, 0, 0, 0, 0}), 1, "2xi64");
    arg(given("4xi1", {0, 1, 0, 1}), 0, "i64");
  }
  for (string form : {"", ", smallest"}) {
    auto top = [&](Argument input, int axis, string result) {
      cases.push_back({"top_k",
                       {input},
                       "axis = " + std::to_string(axis) + " : i64" + form,
                       {result}});
    };
    top({"5x131xT"}, 1, "5x4xi64");
    top({"3x7x17xT"}, 1, "3x7x17xi64");
    top({"4x1x3xT"}, 0, "2x1x3xi64");
    top({singles + "T", Fill::EdgeRight}, 0, singles + "i64");
    top({"1x3xT", Fill::Given, {2, 2, 2}}, 1, "1x2xi64");
    top({"3x2xT"}, 0, "0x2xi64");
    top(given("2x4xi64", {3, -1, 3, -1, 0, 0, 0, 0}), 1, "2x3xi64");
    top(given("4xi1", {0, 1, 0, 1}), 0, "3xi64");
  }
  for (string form : {"", ", exclusive", ", reverse", ", exclusive, reverse"}) {
    auto sum = [&](Argument input, int axis, string result) {
      cases.push_back({"cum_sum",
                       {input},
                       "axis = " + std::to_string(axis) + " : i64" + form,
                       {result}});
    };
    sum({"131xT"}, 0, "131xR");
    sum({"3x5x19xT"}, 1, "3x5x19xR");
    sum({"7x1xT"}, 1, "7x1xR");
    sum({"4x9xT"}, 1, "4x9xR");
    sum(given("5xi8", {100, 100, -3, 4, 5}), 0, "5xi8");
    sum(given("2x2xi64", {1, 2, 3, 4}), 0, "2x2xi64");
  }
}

void mpc::test::addMovementCases(Cases &cases) {
  addShapes(cases);
  addGathers(cases);
  addScatters(cases);
  addPositions(cases);
}
