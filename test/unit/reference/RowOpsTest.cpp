// Reductions, softmax, normalisation by rows and losses at numbers that can be
// checked by hand.
#include "test/unit/reference/Program.h"
#include <cmath>

using namespace mpc;
using namespace mpc::reference;
using mpc::test::Program;
using Doubles = std::vector<double>;
using Integers = std::vector<int64_t>;

static const double infinity = std::numeric_limits<double>::infinity();

static void expectNear(const Tensor &tensor, Doubles expected) {
  ASSERT_EQ(tensor.floats.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(tensor.floats[i], expected[i], 1e-14) << "element " << i;
}

// One op on the arguments, in f64.
static llvm::SmallVector<Tensor> evaluateOp(Program &p,
                                            std::vector<Tensor> arguments) {
  return p.run(arguments, Mode::Exact).values;
}

static std::string reduction(const std::string &op, const std::string &from,
                             const std::string &to) {
  return "func.func @f(%x: tensor<" + from + ">) -> tensor<" + to +
         "> {\n  %r = mpc." + op + " %x {axes = array<i64: 1>} : (tensor<" +
         from + ">) -> tensor<" + to + ">\n  return %r : tensor<" + to + ">\n}";
}

TEST(ReferenceReduction, FloatsOverAnAxis) {
  Doubles expected[] = {{7, -1}, {3.5, -0.5}, {5, 2}, {2, -3}, {10, -6}};
  const char *ops[] = {"reduce_sum", "reduce_mean", "reduce_max", "reduce_min",
                       "reduce_prod"};
  for (size_t i = 0; i < 5; ++i) {
    Program p(reduction(ops[i], "2x2xf32", "2xf32"));
    EXPECT_EQ(evaluateOp(p, {p.floats("2x2xf32", {2, 5, -3, 2})})[0].floats,
              expected[i])
        << ops[i];
  }
}

TEST(ReferenceReduction, OfNoElements) {
  double expected[] = {0, -infinity, infinity, 1};
  const char *ops[] = {"reduce_sum", "reduce_max", "reduce_min", "reduce_prod"};
  for (size_t i = 0; i < 4; ++i) {
    Program p(reduction(ops[i], "1x0xf32", "1xf32"));
    EXPECT_EQ(evaluateOp(p, {p.floats("1x0xf32", {})})[0].floats,
              Doubles{expected[i]})
        << ops[i];
  }
}

TEST(ReferenceReduction, IntegersWrapButNotInAMean) {
  Integers expected[] = {{-56}, {100}, {100}, {100}, {16}};
  const char *ops[] = {"reduce_sum", "reduce_mean", "reduce_max", "reduce_min",
                       "reduce_prod"};
  for (size_t i = 0; i < 5; ++i) {
    Program p(reduction(ops[i], "1x2xi8", "1xi8"));
    EXPECT_EQ(evaluateOp(p, {p.integers("1x2xi8", {100, 100})})[0].integers,
              expected[i])
        << ops[i];
  }
}

TEST(ReferenceReduction, OneNaNIsEnough) {
  for (const char *op : {"reduce_max", "reduce_min"}) {
    Program p(reduction(op, "1x3xf32", "1xf32"));
    double nan = std::nan("");
    EXPECT_TRUE(std::isnan(
        evaluateOp(p, {p.floats("1x3xf32", {1, nan, 2})})[0].scalar()));
  }
}

static std::string alongAxis(const std::string &op, int operands,
                             const std::string &type) {
  std::string t = "tensor<" + type + ">";
  bool two = operands == 2;
  return "func.func @f(%a: " + t + (two ? ", %b: " + t : "") + ") -> " + t +
         " {\n  %r = mpc." + op + " %a" + (two ? ", %b" : "") +
         " {axis = 0 : i64} : (" + t + (two ? ", " + t : "") + ") -> " + t +
         "\n  return %r : " + t + "\n}";
}

TEST(ReferenceSoftmax, DoesNotOverflow) {
  Program soft(alongAxis("softmax", 1, "2x1xf32"));
  Program log(alongAxis("log_softmax", 1, "2x1xf32"));
  Tensor x = soft.floats("2x1xf32", {1000, 1000 + std::log(3.0)});
  EXPECT_NEAR(evaluateOp(soft, {x})[0].floats[0], 0.25, 1e-12);
  x.type = log.tensorType("2x1xf32");
  EXPECT_NEAR(evaluateOp(log, {x})[0].floats[1], std::log(0.75), 1e-12);
}

TEST(ReferenceSoftmax, Gradients) {
  Program soft(alongAxis("softmax_grad", 2, "2xf32"));
  expectNear(evaluateOp(soft, {soft.floats("2xf32", {1, 0}),
                               soft.floats("2xf32", {0.25, 0.75})})[0],
             {0.1875, -0.1875});
  Program log(alongAxis("log_softmax_grad", 2, "2xf32"));
  expectNear(evaluateOp(log, {log.floats("2xf32", {1, 0}),
                              log.floats("2xf32",
                                         {std::log(0.25), std::log(0.75)})})[0],
             {0.75, -0.75});
}

TEST(ReferenceNormalization, LayerNormUsesTheRowsOwnStatistics) {
  Program p(
      R"(func.func @f(%x: tensor<2x2xf32>, %s: tensor<2xf32>, %b: tensor<2xf32>)
      -> (tensor<2x2xf32>, tensor<2x1xf32>, tensor<2x1xf32>) {
    %r:3 = mpc.layer_normalization %x, %s, %b {axis = 1 : i64, epsilon = 0.0 : f32,
        operandSegmentSizes = array<i32: 1, 1, 1>}
        : (tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>)
        -> (tensor<2x2xf32>, tensor<2x1xf32>, tensor<2x1xf32>)
    return %r#0, %r#1, %r#2 : tensor<2x2xf32>, tensor<2x1xf32>, tensor<2x1xf32> })");
  auto results =
      evaluateOp(p, {p.floats("2x2xf32", {1, 3, 5, 1}),
                     p.floats("2xf32", {2, 3}), p.floats("2xf32", {10, 20})});
  expectNear(results[0], {8, 23, 12, 17});
  expectNear(results[1], {2, 3});
  expectNear(results[2], {1, 0.5});
}

TEST(ReferenceNormalization, LayerNormGradient) {
  Program p(
      R"(func.func @f(%dy: tensor<1x4xf32>, %x: tensor<1x4xf32>, %m: tensor<1x1xf32>,
      %i: tensor<1x1xf32>) -> (tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>) {
    %r:3 = mpc.layer_normalization_grad %dy, %x, %m, %i {axis = 1 : i64}
        : (tensor<1x4xf32>, tensor<1x4xf32>, tensor<1x1xf32>, tensor<1x1xf32>)
        -> (tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>)
    return %r#0, %r#1, %r#2 : tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32> })");
  auto results =
      evaluateOp(p, {p.floats("1x4xf32", {1, 0, 0, 0}),
                     p.floats("1x4xf32", {-1, -1, 1, 1}),
                     p.floats("1x1xf32", {0}), p.floats("1x1xf32", {1})});
  expectNear(results[0], {0.5, -0.5, 0, 0});
  expectNear(results[1], {-1, 0, 0, 0});
  expectNear(results[2], {1, 0, 0, 0});
}

TEST(ReferenceNormalization, RmsNormAndItsGradient) {
  Program p(
      R"(func.func @f(%x: tensor<1x2xf32>, %s: tensor<2xf32>, %dy: tensor<1x2xf32>)
      -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<2xf32>) {
    %y:2 = mpc.rms_normalization %x, %s {axis = 1 : i64, epsilon = 0.0 : f32}
        : (tensor<1x2xf32>, tensor<2xf32>) -> (tensor<1x2xf32>, tensor<1x1xf32>)
    %d:2 = mpc.rms_normalization_grad %dy, %x, %y#1 {axis = 1 : i64}
        : (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x1xf32>)
        -> (tensor<1x2xf32>, tensor<2xf32>)
    return %y#0, %d#0, %d#1 : tensor<1x2xf32>, tensor<1x2xf32>, tensor<2xf32> })");
  auto results =
      evaluateOp(p, {p.floats("1x2xf32", {1, 7}), p.floats("2xf32", {10, 2}),
                     p.floats("1x2xf32", {1, 0})});
  expectNear(results[0], {2, 2.8});
  expectNear(results[1], {0.196, -0.028});
  expectNear(results[2], {0.2, 0});
}

// softmax of (0, log 3) is (1/4, 3/4); weights 1 and 3, smoothing 0.2.
TEST(ReferenceLoss, CrossEntropyWeighsAndSmooths) {
  Program p(
      R"(func.func @f(%x: tensor<2x2xf32>, %y: tensor<2xi64>, %w: tensor<2xf32>,
      %g: tensor<f32>) -> (tensor<f32>, tensor<2x2xf32>) {
    %l = mpc.cross_entropy %x, %y, %w {class_axis = 1 : i64, ignore_index = -1 : i64,
        label_smoothing = 2.0e-1 : f32}
        : (tensor<2x2xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<f32>
    %d = mpc.cross_entropy_grad %g, %x, %y, %w {class_axis = 1 : i64,
        ignore_index = -1 : i64, label_smoothing = 2.0e-1 : f32}
        : (tensor<f32>, tensor<2x2xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<2x2xf32>
    return %l, %d : tensor<f32>, tensor<2x2xf32> })");
  double log3 = std::log(3.0), first = std::log(4.0), second = first - log3;
  auto run = [&](Integers labels) {
    return evaluateOp(p, {p.floats("2x2xf32", {0, log3, 0, log3}),
                          p.integers("2xi64", labels),
                          p.floats("2xf32", {1, 3}), p.floats("f32", {2})});
  };
  // 0.2 is not an f32 number.
  double s = 0.2f, smooth = s / 2 * (first + 3 * second);
  auto one = run({0, -1});
  EXPECT_NEAR(one[0].scalar(), (1 - s) * first + smooth, 1e-12);
  double d = 2 * (1 - s) * 0.75;
  for (auto [got, want] : llvm::zip(one[1].floats, Doubles{-d, d, 0, 0}))
    EXPECT_NEAR(got, want, 1e-12);
  auto both = run({0, 1});
  EXPECT_NEAR(both[0].scalar(),
              ((1 - s) * (first + 3 * second) + 2 * smooth) / 4, 1e-12);
}

static std::string pointwise(const std::string &kind) {
  return "func.func @f(%p: tensor<2xf32>, %t: tensor<2xf32>, %g: tensor<f32>) "
         "-> (tensor<f32>, tensor<2xf32>) {\n  %l = mpc.pointwise_loss " +
         kind +
         " %p, %t : (tensor<2xf32>, tensor<2xf32>) -> tensor<f32>\n  %d = "
         "mpc.pointwise_loss_grad " +
         kind +
         " %g, %p, %t : (tensor<f32>, tensor<2xf32>, tensor<2xf32>) -> "
         "tensor<2xf32>\n  return %l, %d : tensor<f32>, tensor<2xf32>\n}";
}

TEST(ReferenceLoss, PointwiseLosses) {
  struct Row {
    const char *kind;
    double loss;
    Doubles gradient;
  };
  double sigmoid2 = 1 / (1 + std::exp(-2.0)),
         sigmoidHalf = 1 / (1 + std::exp(0.5));
  for (const Row &row :
       {Row{"l1", 1.25, {0.5, -0.5}},
        {"huber", 0.8125, {0.5, -0.25}},
        {"bce_logits",
         (2 + std::log1p(std::exp(-2.0)) + std::log1p(std::exp(-0.5))) / 2,
         {sigmoid2 / 2, sigmoidHalf / 2}}}) {
    Program p(pointwise(row.kind));
    auto results =
        evaluateOp(p, {p.floats("2xf32", {2, -0.5}), p.floats("2xf32", {0, 0}),
                       p.floats("f32", {1})});
    EXPECT_NEAR(results[0].scalar(), row.loss, 1e-14) << row.kind;
    expectNear(results[1], row.gradient);
  }
}
