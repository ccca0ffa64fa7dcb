#include "benchmarks/ops/Cases.h"
#include "test/numerics/UnaryErrors.h"

using namespace mpc;
using mpc::test::Argument;
using std::string;

namespace {
using Arguments = std::vector<Argument>;

/// The cases of one width of elements.
class Cases {
public:
  explicit Cases(int64_t elementBytes)
      : elements((int64_t(256) << 20) / elementBytes) {}

  std::vector<bench::OpCase> all() {
    addUnary();
    addArithmetic();
    addMoved();
    // Of what norms go over in transformers, and classes of images and words.
    for (int64_t length : {768, 1280, 4096, 5120, 1000, 32000, 50257})
      addRows(length);
    for (int64_t length : {768, 4096, 1000, 32000, 50257})
      addCrossEntropy(length);
    return std::move(cases);
  }

private:
  const int64_t elements;
  std::vector<bench::OpCase> cases;

  string rows(int64_t length) const {
    return std::to_string(elements / length) + "x";
  }
  string matrix(int64_t length) const {
    return rows(length) + std::to_string(length) + "x";
  }
  const string whole = matrix(4096);

  void add(const string &name, test::Case one) {
    cases.push_back({name, std::move(one)});
  }
  // As many whole operands of one type.
  void addWhole(const string &op, int operands, const string &attributes = "",
                const string &result = "R") {
    add(op, {op,
             Arguments(size_t(operands), {whole + "T"}),
             attributes,
             {whole + result}});
  }

  void addUnary() {
    for (const test::UnaryError &row : test::unaryErrors()) {
      const string name = stringifyUnaryFunction(row.function).str();
      const string attributes = test::functionAttributes(row);
      add(name, {"unary", {{whole + "T"}}, attributes, {whole + "R"}});
      if (!hasZeroDerivative(row.function))
        add(name + " gradient", {"unary_grad",
                                 {{whole + "T"}, {whole + "T"}},
                                 attributes,
                                 {whole + "R"}});
    }
    for (string op : {"neg", "sqrt", "relu"})
      addWhole(op, 1);
    addWhole("relu_grad", 2);
  }

  void addArithmetic() {
    for (string op :
         {"add", "sub", "mul", "div", "max", "min", "pow", "mod", "fmod"})
      addWhole(op, 2);
    addWhole("compare", 2, "predicate = #mpc<predicate less>", "i1");
    add("add row", {"add", {{whole + "T"}, {"4096xT"}}, "", {whole + "R"}});
    add("mul column",
        {"mul", {{whole + "T"}, {rows(4096) + "1xT"}}, "", {whole + "R"}});
    const string ratio = "ratio = 0.1 : f32, seed = 7 : i64";
    const Arguments arguments = {{whole + "T"}, {"i64"}};
    add("dropout", {"dropout", arguments, ratio, {whole + "R", "i64"}});
    add("dropout gradient", {"dropout_grad", arguments, ratio, {whole + "R"}});
  }

  // What computes nothing.
  void addMoved() {
    addWhole("cast from f32", 0);
    test::Case &cast = cases.back().one;
    cast.op = "cast";
    cast.arguments = {{whole + "f32"}};
    add("cast to f32", {"cast", {{whole + "T"}}, "", {whole + "f32"}});
    add("broadcast", {"broadcast", {{rows(4096) + "1xT"}}, "", {whole + "R"}});
  }

  void addRows(int64_t length) {
    const string shape = matrix(length), behind = " " + std::to_string(length);
    const string row = std::to_string(length) + "xf32";
    const string column = rows(length) + "1xf32";
    for (string op : {"reduce_sum", "reduce_mean", "reduce_max", "reduce_min",
                      "reduce_prod"})
      add(op + behind, {op,
                        {{shape + "T"}},
                        "axes = array<i64: 1>, keep_dims",
                        {rows(length) + "1xR"}});
    add("reduce_sum columns" + behind, {"reduce_sum",
                                        {{shape + "T"}},
                                        "axes = array<i64: 0>",
                                        {std::to_string(length) + "xR"}});
    const string axis = "axis = 1 : i64";
    for (string op : {"softmax", "log_softmax"}) {
      add(op + behind, {op, {{shape + "T"}}, axis, {shape + "R"}});
      add(op + " gradient" + behind,
          {op + "_grad", {{shape + "T"}, {shape + "T"}}, axis, {shape + "R"}});
    }
    const string epsilon = axis + ", epsilon = 1.0e-5 : f32";
    add("layer_normalization" + behind,
        {"layer_normalization",
         {{shape + "T"}, {row}, {row}},
         epsilon + ", operandSegmentSizes = array<i32: 1, 1, 1>",
         {shape + "R", column, column}});
    add("layer_normalization gradient" + behind,
        {"layer_normalization_grad",
         {{shape + "T"}, {shape + "T"}, {row}, {column}, {column}},
         axis,
         {shape + "R", row, row}});
    add("rms_normalization" + behind, {"rms_normalization",
                                       {{shape + "T"}, {row}},
                                       epsilon,
                                       {shape + "R", column}});
    add("rms_normalization gradient" + behind,
        {"rms_normalization_grad",
         {{shape + "T"}, {shape + "T"}, {row}, {column}},
         axis,
         {shape + "R", row}});
  }

  void addCrossEntropy(int64_t length) {
    const string shape = matrix(length), behind = " " + std::to_string(length);
    const string attributes = "class_axis = 1 : i64, ignore_index = -100 : i64";
    const Argument labels = {rows(length) + "i64"};
    add("cross_entropy" + behind,
        {"cross_entropy", {{shape + "T"}, labels}, attributes, {"f32"}});
    add("cross_entropy gradient" + behind, {"cross_entropy_grad",
                                            {{"f32"}, {shape + "T"}, labels},
                                            attributes,
                                            {shape + "R"}});
    add("cross_entropy and gradient" + behind,
        {"cross_entropy_and_grad",
         {{"f32"}, {shape + "T"}, labels},
         attributes,
         {"f32", shape + "R"}});
  }
};
} // namespace

std::vector<bench::OpCase> bench::opCases(int64_t elementBytes) {
  return Cases(elementBytes).all();
}
