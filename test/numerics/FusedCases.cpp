// Functions of several ops that a schedule puts into few kernels: products with
// what is fused before and behind them, chains, losses with their gradients and
// updates. Chains.h says what they may be.
#include "test/numerics/Cases.h"
#include "llvm/ADT/STLExtras.h"

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;
using Arguments = std::vector<Argument>;

namespace {
/// The text of a body, one op after another.
class Body {
public:
  /// `types` end in the type of the result, or of results with commas between.
  Body &op(const string &result, const string &name, const string &operands,
           const string &attributes, std::vector<string> types) {
    string results = wrap(types.back());
    types.pop_back();
    string inputs;
    for (const string &type : types)
      inputs += (inputs.empty() ? "" : ", ") + wrap(type);
    text += "  " + result + " = \"mpc." + name + "\"(" + operands + ") <{" +
            attributes + "}> : (" + inputs + ") -> (" + results + ")\n";
    return *this;
  }
  operator string() const { return text; }

private:
  static string wrap(const string &list) {
    string wrapped;
    for (size_t begin = 0; begin <= list.size();) {
      size_t end = std::min(list.find(", ", begin), list.size());
      string type = list.substr(begin, end - begin);
      if (type.back() == 'T' || type.back() == 'R')
        type.insert(type.size() - 1, "$");
      wrapped += (wrapped.empty() ? "" : ", ") + ("tensor<" + type + ">");
      begin = end + 2;
    }
    return wrapped;
  }

  string text;
};
} // namespace

// Behind x * w' + b of several tiles, whose edges are ragged.
static void addProductEpilogues(Cases &cases) {
  const string y = "72x264x";
  const Arguments operands = {{"72x72xT"}, {"264x72xT"}, {"264xT"}};
  auto product = [&](string stored) {
    return Body().op("%g", "gemm", "%a0, %a1, %a2", "trans_b",
                     {"72x72xT", "264x72xT", "264xT", y + stored});
  };
  auto add = [&](Arguments more, string body) {
    more.insert(more.begin(), operands.begin(), operands.end());
    cases.push_back({"fused_gemm", more, "", {y + "R"}, false, body});
  };
  add({}, product("T").op("%r", "relu", "%g", "", {y + "T", y + "R"}));
  add({{y + "T"}},
      product("T")
          .op("%s", "add", "%g, %a3", "", {y + "T", y + "T", y + "T"})
          .op("%r", "relu", "%s", "", {y + "T", y + "R"}));
  add({{y + "T"}}, product("T").op("%r", "relu_grad", "%g, %a3", "",
                                   {y + "T", y + "T", y + "R"}));
  add({{"f32", Fill::Given, {0.25}}},
      product("f32").op("%r", "mul", "%g, %a3", "",
                        {y + "f32", "f32", y + "R"}));
  add({},
      product("T").op(
          "%r", "unary", "%g",
          "function = #mpc<function tanh>, alpha = 0.0 : f32, beta = 0.0 : f32",
          {y + "T", y + "R"}));
  cases.push_back({"fused_gemm",
                   operands,
                   "",
                   {y + "R", y + "T"},
                   false,
                   product("R").op("%r", "relu", "%g", "", {y + "R", y + "T"}),
                   {"%g", "%r"}});
}

static void addPrologues(Cases &cases) {
  cases.push_back(
      {"fused_gemm",
       {{"72x136xT"}, {"136xT"}, {"72x40xT"}},
       "",
       {"136x40xR"},
       false,
       Body()
           .op("%s", "mul", "%a0, %a1", "", {"72x136xT", "136xT", "72x136xT"})
           .op("%r", "gemm", "%s, %a2", "trans_a",
               {"72x136xT", "72x40xT", "136x40xR"})});
  cases.push_back(
      {"fused_rows",
       {{"7x131xT"}, {"T"}},
       "",
       {"7x131xR"},
       false,
       Body()
           .op("%s", "mul", "%a0, %a1", "", {"7x131xT", "T", "7x131xT"})
           .op("%r", "softmax", "%s", "axis = 1 : i64",
               {"7x131xT", "7x131xR"})});
  cases.push_back(
      {"fused_rows",
       {{"7x131xT"}, {"7x131xT"}, {"131xf32"}, {"131xf32"}},
       "",
       {"7x131xT", "7x131xR"},
       false,
       Body()
           .op("%s", "add", "%a0, %a1", "", {"7x131xT", "7x131xT", "7x131xT"})
           .op("%n:3", "layer_normalization", "%s, %a2, %a3",
               "axis = 1 : i64, epsilon = 1.0e-5 : f32, operandSegmentSizes = "
               "array<i32: 1, 1, 1>",
               {"7x131xT", "131xf32", "131xf32", "7x131xR, 7x1xf32, 7x1xf32"}),
       {"%s", "%n#0"}});
  // A bias gradient.
  cases.push_back({"fused_rows",
                   {{"67x35xT"}, {"67x35xT"}},
                   "",
                   {"67x35xT", "35xR"},
                   false,
                   Body()
                       .op("%d", "relu_grad", "%a0, %a1", "",
                           {"67x35xT", "67x35xT", "67x35xT"})
                       .op("%s", "reduce_sum", "%d", "axes = array<i64: 0>",
                           {"67x35xT", "35xR"}),
                   {"%d", "%s"}});
  // Gradients of scale and bias over rows in parts.
  const string x = "2100x8x", statistics = "2100x1xf32";
  cases.push_back(
      {"fused_rows",
       {{x + "T"},
        {x + "T"},
        {x + "T"},
        {statistics},
        {statistics, Fill::Positive}},
       "",
       {x + "R", "8xR", "8xf32"},
       false,
       Body()
           .op("%d", "add", "%a0, %a1", "", {x + "T", x + "T", x + "T"})
           .op("%n:3", "layer_normalization_grad", "%d, %a2, %a3, %a4",
               "axis = 1 : i64",
               {x + "T", x + "T", statistics, statistics,
                x + "R, 8xf32, 8xf32"})
           .op("%s", "relu", "%n#1", "", {"8xf32", "8xR"}),
       {"%n#0", "%s", "%n#2"}});
}

// Rows that a GPU has in shared memory, with a row beside all of them or beside
// some, which begins elsewhere in a vector.
static void addRowsBesideLongRows(Cases &cases) {
  const string x = "2x3x9001x";
  for (string beside : {"9001xT", "2x1x9001xT"})
    cases.push_back(
        {"fused_rows",
         {{x + "T"}, {beside}},
         "",
         {x + "R"},
         false,
         Body()
             .op("%s", "softmax", "%a0", "axis = 2 : i64", {x + "T", x + "T"})
             .op("%r", "mul", "%s, %a1", "", {x + "T", beside, x + "R"})});
}

static void addConvolutions(Cases &cases) {
  const string attributes =
      "strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = "
      "array<i64: 1, 1>, groups = 1 : i64";
  const string x = "2x3x9x10x", w = "5x3x3x3x", y = "2x5x9x10x";
  cases.push_back({"fused_conv",
                   {{x + "T"}, {w + "T"}, {"5xT"}},
                   "",
                   {y + "R"},
                   false,
                   Body()
                       .op("%c", "conv", "%a0, %a1, %a2", attributes,
                           {x + "T", w + "T", "5xT", y + "T"})
                       .op("%r", "relu", "%c", "", {y + "T", y + "R"})});
  cases.push_back(
      {"fused_conv",
       {{y + "T"}, {w + "T"}, {x + "T"}},
       "",
       {x + "R"},
       false,
       Body()
           .op("%c", "conv_input_grad", "%a0, %a1", attributes,
               {y + "T", w + "T", x + "T"})
           .op("%r", "relu_grad", "%c, %a2", "", {x + "T", x + "T", x + "R"})});
}

// The loss and its gradient read the same logits.
static void addLosses(Cases &cases) {
  const string attributes = "class_axis = 1 : i64, ignore_index = -100 : i64";
  cases.push_back({"fused_loss",
                   {{"f32"},
                    {"7x10xT"},
                    {"7xi64", Fill::Given, {}, {0, 9, 1, 2, 8, -100, 5}}},
                   "",
                   {"f32", "7x10xR"},
                   false,
                   Body()
                       .op("%l", "cross_entropy", "%a1, %a2", attributes,
                           {"7x10xT", "7xi64", "f32"})
                       .op("%d", "cross_entropy_grad", "%a0, %a1, %a2",
                           attributes, {"f32", "7x10xT", "7xi64", "7x10xR"}),
                   {"%l", "%d"}});
}

static void addChains(Cases &cases) {
  cases.push_back(
      {"fused_chain",
       {{"3x1x37xT"}, {"5x1xT"}, {"37xf32", Fill::Positive}},
       "",
       {"3x5x37xT", "3x5x37xR"},
       false,
       Body()
           .op("%s", "sub", "%a0, %a1", "", {"3x1x37xT", "5x1xT", "3x5x37xT"})
           .op("%q", "sqrt", "%a2", "", {"37xf32", "37xf32"})
           .op("%d", "div", "%s, %q", "", {"3x5x37xT", "37xf32", "3x5x37xf32"})
           .op("%m", "mul", "%d, %s", "",
               {"3x5x37xf32", "3x5x37xT", "3x5x37xT"})
           .op("%t", "relu", "%m", "", {"3x5x37xT", "3x5x37xR"}),
       {"%m", "%t"}});
}

static Argument numberOf(double value) { return {"f32", Fill::Given, {value}}; }

// An update by Adam of a parameter of `shape`; `gradient` computes %u of the
// arguments after the first twelve.
static void addAdam(Cases &cases, const string &shape, Arguments ofGradient,
                    Body gradient, Argument predicate) {
  const string f32 = shape + "f32";
  Arguments arguments = {numberOf(0x1p-10),     {f32},           {f32},
                         {f32, Fill::Positive}, numberOf(0.001), numberOf(0.9),
                         numberOf(0.999),       numberOf(1e-8),  numberOf(0.05),
                         numberOf(0.004),       numberOf(0.06),  predicate};
  llvm::append_range(arguments, ofGradient);
  gradient
      .op("%n:3", "adam",
          "%a1, %u, %a2, %a3, %a4, %a5, %a6, %a7, %a8, %a9, %a10", "",
          {f32, f32, f32, f32, "f32", "f32", "f32", "f32", "f32", "f32", "f32",
           f32 + ", " + f32 + ", " + f32})
      .op("%s", "select", "%a11, %n#0, %a1", "", {"i1", f32, f32, f32})
      .op("%c", "cast", "%s", "user", {f32, shape + "R"});
  cases.push_back({"fused_update",
                   arguments,
                   "",
                   {f32, f32, shape + "R"},
                   false,
                   gradient,
                   {"%s", "%n#2", "%c"}});
}

// The same of a gradient most of whose rows are 0.
static void addExpandedAdam(Cases &cases, const string &columns,
                            Argument predicate) {
  const string shape = "67x" + columns;
  Argument first{"67xi32", Fill::Given, {}, std::vector<int64_t>(67, 4)};
  first.integers[3] = 2;
  first.integers[4] = 0;
  first.integers[66] = 3;
  Body gradient;
  gradient
      .op("%g", "expand_rows", "%a12, %a13", "",
          {"4x" + columns + "T", "67xi32", shape + "T"})
      .op("%u", "parameter_gradient", "%g, %a0", "parameter = @w",
          {shape + "T", "f32", shape + "f32"});
  addAdam(cases, shape, {{"4x" + columns + "T"}, first}, gradient, predicate);
}

// The gradient is unscaled, the parameter is updated and its narrow copy
// written, all unless the step is skipped.
static void addUpdates(Cases &cases) {
  const string p = "67x3x";
  Body unscaled;
  unscaled.op("%u", "parameter_gradient", "%a0, %a1", "parameter = @w",
              {p + "T", "f32", p + "f32"});
  for (int64_t applied : {0, 1}) {
    Argument predicate{"i1", Fill::Given, {}, {applied}};
    Body sgd = unscaled;
    sgd.op("%n:2", "sgd", "%a2, %u, %a3, %a4, %a5, %a6",
           "operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1>",
           {p + "f32", p + "f32", p + "f32", "f32", "f32", "f32",
            p + "f32, " + p + "f32"})
        .op("%s", "select", "%a7, %n#0, %a2", "",
            {"i1", p + "f32", p + "f32", p + "f32"})
        .op("%c", "cast", "%s", "user", {p + "f32", p + "R"});
    cases.push_back({"fused_update",
                     {{p + "T"},
                      numberOf(0x1p-10),
                      {p + "f32"},
                      {p + "f32"},
                      numberOf(0.01),
                      numberOf(0.05),
                      numberOf(0.9),
                      predicate},
                     "",
                     {p + "f32", p + "f32", p + "R"},
                     false,
                     sgd,
                     {"%s", "%n#1", "%c"}});
    addAdam(cases, p, {{p + "T"}},
            Body().op("%u", "parameter_gradient", "%a12, %a0", "parameter = @w",
                      {p + "T", "f32", p + "f32"}),
            predicate);
    for (string columns : {"3x", "16x", "2x12x"})
      addExpandedAdam(cases, columns, predicate);
  }
  Body clipped = unscaled;
  clipped.op("%g", "global_norm", "%u", "", {p + "f32", "f32"})
      .op("%f", "clip_factor", "%g, %a2", "", {"f32", "f32", "f32"})
      .op("%m", "mul", "%u, %f", "", {p + "f32", "f32", p + "f32"});
  cases.push_back({"fused_update",
                   {{p + "T"}, numberOf(0x1p-2), numberOf(0.5)},
                   "",
                   {p + "f32", "f32"},
                   false,
                   clipped,
                   {"%m", "%g"}});
}

void mpc::test::addFusedCases(Cases &cases) {
  addProductEpilogues(cases);
  addPrologues(cases);
  addRowsBesideLongRows(cases);
  addConvolutions(cases);
  addLosses(cases);
  addChains(cases);
  addUpdates(cases);
}
