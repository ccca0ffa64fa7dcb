#include "test/numerics/Cases.h"
#include "test/numerics/RowCases.h"
#include <cmath>

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;
using Arguments = std::vector<Argument>;
using Integers = std::vector<int64_t>;

const std::vector<Formats> &mpc::test::testedFormats() {
  static const std::vector<Formats> formats = {{"f32", "f32"},
                                               {"f16", "f16"},
                                               {"bf16", "bf16"},
                                               {"f16", "f32"},
                                               {"f32", "bf16"}};
  return formats;
}

static string withFormats(string type, const Formats &formats) {
  if (type.back() == 'T')
    type = type.substr(0, type.size() - 1) + formats.operand;
  else if (type.back() == 'R')
    type = type.substr(0, type.size() - 1) + formats.result;
  return "tensor<" + type + ">";
}

static string join(const std::vector<string> &parts) {
  string text;
  for (const string &part : parts)
    text += (text.empty() ? "" : ", ") + part;
  return text;
}

string mpc::test::functionText(const Case &c, const Formats &formats,
                               const string &name) {
  std::vector<string> declared, used, types, results, returned;
  for (size_t i = 0; i < c.arguments.size(); ++i) {
    used.push_back("%a" + std::to_string(i));
    types.push_back(withFormats(c.arguments[i].type, formats));
    declared.push_back(used.back() + ": " + types.back());
  }
  for (size_t i = 0; i < c.results.size(); ++i) {
    results.push_back(withFormats(c.results[i], formats));
    returned.push_back(c.results.size() == 1 ? "%r"
                                             : "%r#" + std::to_string(i));
  }
  string body = c.body, target = "%r";
  if (c.results.size() > 1)
    target += ":" + std::to_string(c.results.size());
  if (body.empty())
    body = target + " = \"mpc." + c.op + "\"(" + join(used) + ") <{" +
           c.attributes + "}> : (" + join(types) + ") -> (" + join(results) +
           ")";
  for (size_t at; (at = body.find("$T")) != string::npos;)
    body.replace(at, 2, formats.operand);
  for (size_t at; (at = body.find("$R")) != string::npos;)
    body.replace(at, 2, formats.result);
  if (!c.returned.empty())
    returned = c.returned;
  return "func.func @" + name + "(" + join(declared) + ") -> (" +
         join(results) + ") {\n  " + body + "\n  return " + join(returned) +
         " : " + join(results) + "\n}\n";
}

static const string pairs = std::to_string(edgeCount * edgeCount) + "x";
static const string singles = std::to_string(edgeCount) + "x";

static void addElementwise(Cases &cases) {
  for (string op : {"add", "sub", "mul", "div"}) {
    cases.push_back(
        {op,
         {{pairs + "T", Fill::EdgeLeft}, {pairs + "T", Fill::EdgeRight}},
         "",
         {pairs + "R"}});
    cases.push_back({op, {{"3x1x5xT"}, {"7x1xT"}}, "", {"3x7x5xR"}});
    cases.push_back({op, {{"T"}, {"2x33xT"}}, "", {"2x33xR"}});
    for (string type : {"3xi8", "3xi32", "3xi64"})
      cases.push_back({op,
                       {{type, Fill::Given, {}, {7, -9, 100}},
                        {type, Fill::Given, {}, {2, 4, 3}}},
                       "",
                       {type},
                       true});
  }
  for (string op : {"neg", "sqrt", "relu"}) {
    cases.push_back(
        {op, {{singles + "T", Fill::EdgeRight}}, "", {singles + "R"}});
    cases.push_back({op, {{"T"}}, "", {"R"}});
    cases.push_back({op, {{"3x5x7xT"}}, "", {"3x5x7xR"}});
  }
  cases.push_back(
      {"relu_grad",
       {{pairs + "T", Fill::EdgeLeft}, {pairs + "T", Fill::EdgeRight}},
       "",
       {pairs + "R"}});
  cases.push_back({"select",
                   {{"3x1xi1", Fill::Given, {}, {1, 0, 1}}, {"1x5xT"}, {"T"}},
                   "",
                   {"3x5xR"}});
  // A cast back would be exact; `user` keeps casts between equal formats legal.
  cases.push_back(
      {"cast", {{singles + "T", Fill::EdgeRight}}, "user", {singles + "R"}});
  cases.push_back({"constant",
                   {{"2xT"}},
                   "",
                   {"2xR"},
                   false,
                   "%c = mpc.constant dense<[1.5, -0.25]> : tensor<2x$T> : "
                   "tensor<2x$T>\n  %r = mpc.mul %a0, %c : (tensor<2x$T>, "
                   "tensor<2x$T>) -> tensor<2x$R>"});
}

// Views alone are no kernels, so they stand before one.
static void addShape(Cases &cases) {
  cases.push_back({"reshape",
                   {{"2x6xT"}},
                   "",
                   {"3x4xR"},
                   false,
                   "%v = mpc.reshape %a0 : (tensor<2x6x$T>) -> tensor<3x4x$T>\n"
                   "  %r = mpc.neg %v : (tensor<3x4x$T>) -> tensor<3x4x$R>"});
  auto one = [&](string op, string from, string attributes, string to) {
    cases.push_back({op, {{from}}, attributes, {to}, true});
  };
  one("transpose", "5x19xT", "perm = array<i64: 1, 0>", "19x5xR");
  one("transpose", "2x3x4xT", "perm = array<i64: 1, 2, 0>", "3x4x2xR");
  one("transpose", "1x33xT", "perm = array<i64: 1, 0>", "33x1xR");
  one("broadcast", "3x1xT", "", "2x3x17xR");
  one("broadcast", "T", "", "9xR");
  auto sum = [&](string from, string attributes, string to) {
    cases.push_back({"reduce_sum", {{from}}, attributes, {to}});
  };
  sum("67x35xT", "axes = array<i64: 0>", "35xR");
  // Columns that a GPU sums in vectors of eight, four and two.
  sum("700x24xT", "axes = array<i64: 0>", "24xR");
  sum("4100x4xT", "axes = array<i64: 0>", "4xR");
  // And rows whose team has several loads on their way.
  sum("4x2x2048xT", "axes = array<i64: 0, 2>", "2xR");
  sum("2x19x10xT", "axes = array<i64: 0, 1>, keep_dims", "1x1x10xR");
  sum("5x131xT", "axes = array<i64: 1>, keep_dims", "5x1xR");
  sum("3x5x7x11xT", "axes = array<i64: 0, 2, 3>", "5xR");
  sum("4099xT", "axes = array<i64: 0>", "R");
  sum("1x3xT", "axes = array<i64: 0>", "3xR");
}

static void addLinearAlgebra(Cases &cases) {
  auto gemm = [&](Arguments arguments, string attributes, string result) {
    cases.push_back({"gemm", arguments, attributes, {result}});
  };
  gemm({{"1x1xT"}, {"1x1xT"}}, "", "1x1xR");
  gemm({{"37x129xT"}, {"129x65xT"}}, "", "37x65xR");
  gemm({{"129x37xT"}, {"129x65xT"}}, "trans_a", "37x65xR");
  gemm({{"64x96xT"}, {"48x96xT"}, {"48xT"}}, "trans_b", "64x48xR");
  gemm({{"33x9xT"}, {"17x33xT"}, {"9x1xT"}},
       "trans_a, trans_b, alpha = 0.5 : f32, beta = 3.0 : f32", "9x17xR");
  gemm({{"8x300xT"}, {"300x10xT"}, {"T"}}, "", "8x10xR");
  // Several tiles, in rows of whole 16 bytes; then a long sum.
  gemm({{"136x72xT"}, {"72x264xT"}}, "", "136x264xR");
  gemm({{"72x136xT"}, {"72x264xT"}, {"136x1xT"}}, "trans_a", "136x264xR");
  gemm({{"72x136xT"}, {"264x72xT"}}, "trans_a, trans_b", "136x264xR");
  gemm({{"40x1032xT"}, {"24x1032xT"}}, "trans_b", "40x24xR");
  auto batch = [&](string a, string b, string attributes, string result) {
    cases.push_back({"batch_matmul", {{a}, {b}}, attributes, {result}});
  };
  batch("1x1x1xT", "1x1x1xT", "", "1x1x1xR");
  batch("3x37x129xT", "3x129x65xT", "", "3x37x65xR");
  // So many small ones that a GPU has a warp for each.
  batch("530x3x8xT", "530x3x8xT", "trans_b", "530x3x3xR");
  batch("530x2x3xT", "530x3x5xT", "", "530x2x5xR");
  batch("2x129x37xT", "2x129x65xT", "trans_a", "2x37x65xR");
  batch("5x4x9xT", "5x7x9xT", "trans_b", "5x4x7xR");
  batch("9x33x9xT", "9x17x33xT", "trans_a, trans_b", "9x9x17xR");
  batch("2x8x300xT", "2x300x10xT", "", "2x8x10xR");
  batch("3x72x136xT", "3x72x40xT", "trans_a", "3x136x40xR");
  batch("2x72x80xT", "2x136x80xT", "trans_b", "2x72x136xR");
}

static void addNormalization(Cases &cases) {
  struct Instance {
    string input, channels;
  };
  for (const Instance &i :
       {Instance{"4x3x5x7x", "3xf32"}, Instance{"65x2x", "2xf32"},
        Instance{"3x1x2x", "1xf32"}}) {
    const string &c = i.channels;
    Argument positive{c, Fill::Positive};
    cases.push_back({"batch_normalization",
                     {{i.input + "T"}, {c}, {c}, {c}, positive},
                     "epsilon = 1.0e-5 : f32, momentum = 0.9 : f32",
                     {i.input + "R", c, c, c, c}});
    cases.push_back({"batch_normalization_inference",
                     {{i.input + "T"}, {c}, {c}, {c}, positive},
                     "epsilon = 1.0e-5 : f32",
                     {i.input + "R"}});
    cases.push_back({"batch_normalization_grad",
                     {{i.input + "T"}, {i.input + "T"}, {c}, {c}, positive},
                     "",
                     {i.input + "R", c, c}});
  }
}

static void addLosses(Cases &cases) {
  for (string shape : {"7x10x", "1x1x", "131x"}) {
    cases.push_back({"pointwise_loss",
                     {{shape + "T"}, {shape + "T"}},
                     "kind = #mpc<pointwise mse>",
                     {"f32"}});
    cases.push_back({"pointwise_loss_grad",
                     {{"f32"}, {shape + "T"}, {shape + "T"}},
                     "kind = #mpc<pointwise mse>",
                     {shape + "R"}});
  }
}

static Argument number(double value) { return {"f32", Fill::Given, {value}}; }
static Argument integer(int64_t value) {
  return {"i64", Fill::Given, {}, {value}};
}

static void addOptimizers(Cases &cases) {
  for (string shape : {"3x7xf32", "f32", "67xf32"}) {
    Argument lr = number(0.01), decay = number(0.05), momentum = number(0.9);
    cases.push_back({"sgd",
                     {{shape}, {shape}, lr, decay},
                     "operandSegmentSizes = array<i32: 1, 1, 0, 1, 1, 0>",
                     {shape},
                     true});
    for (string nesterov : {"", "nesterov, "})
      cases.push_back(
          {"sgd",
           {{shape}, {shape}, {shape}, lr, decay, momentum},
           nesterov + "operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1>",
           {shape, shape},
           true});
    for (double steps : {1, 2, 999})
      for (string decoupled : {"", "decoupled"})
        cases.push_back({"adam",
                         {{shape},
                          {shape},
                          {shape},
                          {shape, Fill::Positive},
                          number(0.001),
                          number(0.9),
                          number(0.999),
                          number(1e-8),
                          number(0.05),
                          number(0.001 / (1 - std::pow(0.9, steps))),
                          number(std::sqrt(1 - std::pow(0.999, steps)))},
                         decoupled,
                         {shape, shape, shape},
                         true});
  }
  for (int64_t steps : {0, 1, 998})
    cases.push_back(
        {"adam_factors",
         {number(0.001), number(0.9), number(0.999), integer(steps)},
         "",
         {"f32", "f32"},
         true});
  for (int64_t steps : {0, 9, 10, 57})
    cases.push_back({"step_lr",
                     {number(0.1), number(0.3), number(10), integer(steps)},
                     "",
                     {"f32"},
                     true});
  cases.push_back({"global_norm", {{"5x7xT"}, {"T"}, {"131xT"}}, "", {"f32"}});
  cases.push_back({"global_norm", {{"1025xT"}}, "", {"f32"}});
  for (string shape : {"1025x", "3x5x", "8192x", "20003x"})
    cases.push_back({"norm_and_count",
                     {{shape + "f32"}, {"7xf32"}, {shape + "T"}, {"7xT"}},
                     "",
                     {"f32", "i64", "i1"}});
  cases.push_back({"norm_and_count",
                   {{singles + "T"}, {singles + "T", Fill::EdgeRight}},
                   "",
                   {"f32", "i64", "i1"}});
  for (double norm : {0.0, 0.5, 2.0, HUGE_VAL})
    cases.push_back(
        {"clip_factor", {number(norm), number(1)}, "", {"f32"}, true});
}

static void addScalingAndState(Cases &cases) {
  cases.push_back({"nonfinite_count",
                   {{singles + "T", Fill::EdgeRight}, {"T"}, {"3x5xT"}},
                   "",
                   {"i64", "i1"}});
  cases.push_back({"nonfinite_count", {{"67xT"}}, "", {"i64", "i1"}});
  for (int64_t finite : {0, 1})
    for (int64_t count : {0, 1, 1999})
      cases.push_back({"update_loss_scale",
                       {number(65536),
                        integer(count),
                        integer(count),
                        {"i1", Fill::Given, {}, {finite}},
                        number(2),
                        number(2000),
                        number(0.5),
                        number(2),
                        number(1),
                        number(65536)},
                       "",
                       {"f32", "i64", "i64"},
                       true});
  cases.push_back({"gradient_seed", {}, "", {"f32"}, true});
  cases.push_back({"gradient_seed", {number(1024)}, "", {"f32"}, true});
  cases.push_back({"parameter_gradient",
                   {{singles + "T", Fill::EdgeRight}, number(0x1p-16)},
                   "parameter = @w",
                   {singles + "f32"}});
  cases.push_back({"parameter_gradient",
                   {{singles + "T", Fill::EdgeRight}},
                   "parameter = @w",
                   {singles + "f32"}});
}

const std::vector<Case> &mpc::test::allCases() {
  static const Cases cases = [] {
    Cases all;
    addElementwise(all);
    addFunctionCases(all);
    addFusedCases(all);
    addShape(all);
    addLinearAlgebra(all);
    addMovementCases(all);
    addWindowCases(all);
    addNormalization(all);
    addLosses(all);
    addOptimizers(all);
    addScalingAndState(all);
    addRowCases(all);
    addLossCases(all);
    return all;
  }();
  return cases;
}
