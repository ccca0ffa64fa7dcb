// Functions of one float, and of two that have their rules in Binary.cpp.
#include "test/gradients/Cases.h"

using namespace mpc::test;
using std::string;
using Cases = std::vector<Case>;

namespace {
// A function and the numbers that it is defined for.
struct Function {
  string name, attributes = "";
  bool positive = false;
  double scale = 1, offset = 0;
};
} // namespace

static const Function functions[] = {
    {"abs"},
    {"sign"},
    {"floor"},
    {"ceil"},
    {"round"},
    {"reciprocal"},
    {"exp"},
    {"log", "", true},
    {"sin"},
    {"cos"},
    {"tan", "", false, 0.5},
    {"asin", "", false, 0.4},
    {"acos", "", false, 0.4},
    {"atan"},
    {"sinh"},
    {"cosh"},
    {"tanh"},
    {"asinh"},
    {"acosh", "", true, 1, 1},
    {"atanh", "", false, 0.4},
    {"erf"},
    {"sigmoid"},
    {"softplus"},
    {"softsign"},
    {"silu"},
    {"mish"},
    {"gelu"},
    {"gelu_tanh"},
    {"elu", "{alpha = 0.75 : f32}"},
    {"selu", "{alpha = 1.5 : f32, beta = 1.25 : f32}"},
    {"celu", "{alpha = 0.75 : f32}"},
    {"leaky_relu", "{alpha = 0.25 : f32}"},
    {"thresholded_relu", "{alpha = 1.0 : f32}"},
    {"hard_sigmoid", "{alpha = 0.5 : f32, beta = 0.3 : f32}"},
    {"hard_swish", "", false, 2},
    {"shrink", "{alpha = 1.0 : f32, beta = 0.5 : f32}"}};

static void addUnary(Cases &cases) {
  for (const Function &f : functions)
    for (string shape : {"f32", "5xf32", "2x1x4xf32"})
      cases.push_back({"unary",
                       f.name + "Shape" + shape,
                       oneOp("unary " + f.name, {shape}, f.attributes, shape),
                       {},
                       f.positive,
                       f.scale,
                       f.offset});
}

static void addBinary(Cases &cases) {
  for (string op : {"max", "min", "pow", "mod", "fmod"}) {
    auto binary = [&](const char *name, string a, string b, string result) {
      cases.push_back(
          {op, name, oneOp(op, {a, b}, "", result), {}, op == "pow"});
    };
    binary("SameShape", "2x3xf32", "2x3xf32", "2x3xf32");
    binary("BroadcastsSizeOneInTheMiddle", "2x1x3xf32", "2x4x3xf32",
           "2x4x3xf32");
    binary("BroadcastsBothOperands", "3x1xf32", "1x4xf32", "3x4xf32");
    binary("BroadcastsAScalar", "f32", "2x2xf32", "2x2xf32");
  }
}

// Known exponents have rules of their own.
static void addKnownPowers(Cases &cases) {
  for (auto [name, exponent] : {std::pair("ToTheZeroth", "0.0"),
                                {"ToTheFirst", "1.0"},
                                {"ToTheSecond", "2.0"},
                                {"ToTheThird", "3.0"},
                                {"Inverse", "-1.0"},
                                {"Root", "0.5"}})
    cases.push_back(
        {"pow",
         name,
         string("func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {\n"
                "%e = mpc.constant dense<") +
             exponent +
             "> : tensor<f32> : tensor<f32>\n"
             "%r = mpc.pow %x, %e : (tensor<2x3xf32>, tensor<f32>) -> "
             "tensor<2x3xf32>\nreturn %r : tensor<2x3xf32>\n}",
         {},
         string(exponent) == "0.5"});
}

void mpc::test::addFunctionCases(Cases &cases) {
  addUnary(cases);
  addBinary(cases);
  addKnownPowers(cases);
}
