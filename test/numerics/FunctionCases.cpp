// Elementwise ops beyond arithmetic.
#include "test/numerics/Cases.h"
#include "test/numerics/UnaryErrors.h"

using namespace mpc;
using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;
using Integers = std::vector<int64_t>;

static const string pairs = std::to_string(edgeCount * edgeCount) + "x";
static const string singles = std::to_string(edgeCount) + "x";

static Argument given(const string &type, const Integers &values) {
  return {std::to_string(values.size()) + "x" + type, Fill::Given, {}, values};
}

static void addUnary(Cases &cases) {
  for (const UnaryError &row : unaryErrors()) {
    string attributes = functionAttributes(row);
    cases.push_back({"unary",
                     {{singles + "T", Fill::EdgeRight}},
                     attributes,
                     {singles + "R"}});
    cases.push_back({"unary", {{"3x5x7xT"}}, attributes, {"3x5x7xR"}});
    cases.push_back({"unary", {{"T"}}, attributes, {"R"}});
    if (hasZeroDerivative(row.function))
      continue;
    cases.push_back({"unary_grad",
                     {{singles + "T"}, {singles + "T", Fill::EdgeRight}},
                     attributes,
                     {singles + "R"}});
    cases.push_back(
        {"unary_grad", {{"3x5x7xT"}, {"3x5x7xT"}}, attributes, {"3x5x7xR"}});
  }
}

// Every pair of these, the ends of each type among them.
static void addIntegerPairs(Cases &cases, const string &op, const string &type,
                            const Integers &values) {
  Integers lhs, rhs;
  for (int64_t a : values)
    for (int64_t b : values) {
      lhs.push_back(a);
      rhs.push_back(b);
    }
  cases.push_back({op,
                   {given(type, lhs), given(type, rhs)},
                   "",
                   {std::to_string(lhs.size()) + "x" + type},
                   true});
}

static void addBinary(Cases &cases) {
  for (string op : {"max", "min", "pow", "mod", "fmod"}) {
    cases.push_back(
        {op,
         {{pairs + "T", Fill::EdgeLeft}, {pairs + "T", Fill::EdgeRight}},
         "",
         {pairs + "R"}});
    cases.push_back({op, {{"3x1x5xT"}, {"7x1xT"}}, "", {"3x7x5xR"}});
    cases.push_back({op, {{"T"}, {"2x33xT"}}, "", {"2x33xR"}});
  }
  for (string op : {"div", "max", "min", "pow", "mod", "fmod"}) {
    addIntegerPairs(cases, op, "i8", {-128, -7, -1, 0, 1, 2, 5, 127});
    addIntegerPairs(cases, op, "i32",
                    {INT32_MIN, -9, -1, 0, 1, 3, 31, INT32_MAX});
    addIntegerPairs(cases, op, "i64",
                    {INT64_MIN, -9, -1, 0, 1, 3, 63, INT64_MAX});
    addIntegerPairs(cases, op, "i1", {0, 1});
  }
}

// Powers to known exponents that are one correctly rounded operation.
static void addKnownPowers(Cases &cases) {
  for (string exponent : {"-1.0", "0.5", "1.0", "2.0"})
    cases.push_back({"pow",
                     {{singles + "T", Fill::EdgeRight}},
                     "",
                     {singles + "R"},
                     false,
                     "%e = mpc.constant dense<" + exponent +
                         "> : tensor<$T> : tensor<$T>\n  %r = mpc.pow %a0, "
                         "%e : (tensor<" +
                         singles + "$T>, tensor<$T>) -> tensor<" + singles +
                         "$R>"});
}

static void addTruthValues(Cases &cases) {
  for (string op : {"and", "or", "xor"}) {
    addIntegerPairs(cases, op, "i1", {0, 1});
    addIntegerPairs(cases, op, "i8", {-128, -7, 0, 1, 85});
    addIntegerPairs(cases, op, "i32", {INT32_MIN, -9, 0, 3, 31});
    addIntegerPairs(cases, op, "i64", {INT64_MIN, -9, 0, 3, 63});
  }
  cases.push_back({"not", {given("i1", {0, 1, 1})}, "", {"3xi1"}});
  Argument edges{singles + "T", Fill::EdgeRight};
  cases.push_back({"is_nan", {edges}, "", {singles + "i1"}});
  for (string signs : {"positive", "negative", "positive, negative", ""})
    cases.push_back({"is_inf", {edges}, signs, {singles + "i1"}});
}

static void addComparisons(Cases &cases) {
  for (string name :
       {"equal", "less", "less_or_equal", "greater", "greater_or_equal"}) {
    string predicate = "predicate = #mpc<predicate " + name + ">";
    cases.push_back(
        {"compare",
         {{pairs + "T", Fill::EdgeLeft}, {pairs + "T", Fill::EdgeRight}},
         predicate,
         {pairs + "i1"}});
    cases.push_back({"compare", {{"3x1xT"}, {"T"}}, predicate, {"3x1xi1"}});
    for (string type : {"i1", "i8", "i32", "i64"})
      cases.push_back(
          {"compare",
           {given(type, {0, 0, 1, 1, 0}), given(type, {0, 1, 0, 1, 0})},
           predicate,
           {"5xi1"}});
    cases.push_back(
        {"compare",
         {given("i64", {INT64_MIN, -1, 5}), given("i64", {INT64_MAX, 1, -5})},
         predicate,
         {"3xi1"}});
  }
}

static void addConversions(Cases &cases) {
  for (string type : {"i1", "i8", "i32", "i64"}) {
    cases.push_back(
        {"convert", {{singles + "T", Fill::EdgeRight}}, "", {singles + type}});
    // The ends of each type and what lies next to them.
    cases.push_back({"convert",
                     {{"12xf32",
                       Fill::Given,
                       {-0x1p63, 0x1p63, -0x1p31, 0x1p31, 2147483520.0, -128,
                        127, -129.5, 127.5, -0.75, 0.75, 2.5}}},
                     "",
                     {"12x" + type}});
    Integers values = {0, 1, 0, 1, 1};
    if (type != "i1")
      values = {0, 1, -1, 100, -128};
    if (type == "i32")
      values = {INT32_MIN, INT32_MAX, 16777217, -16777219, 2049};
    // Beyond 2^53, and half way between two f32 but for one.
    if (type == "i64")
      values = {INT64_MIN, INT64_MAX, (1LL << 54) + (1LL << 30) + 1,
                -(1LL << 60) - 1, 2049};
    cases.push_back({"convert", {given(type, values)}, "", {"5xR"}});
    for (string to : {"i1", "i8", "i32", "i64"})
      if (to != type)
        cases.push_back({"convert", {given(type, values)}, "", {"5x" + to}});
  }
}

void mpc::test::addFunctionCases(Cases &cases) {
  addUnary(cases);
  addBinary(cases);
  addKnownPowers(cases);
  addTruthValues(cases);
  addComparisons(cases);
  addConversions(cases);
}
