// Optimizers and loss scaling by hand.
#include "test/unit/reference/Program.h"
#include <cmath>

using namespace mpc;
using namespace mpc::reference;
using mpc::test::Program;
using Doubles = std::vector<double>;

TEST(ReferenceOptimizer, SgdAddsWeightDecayToTheGradient) {
  Program p(
      R"(func.func @f(%p: tensor<1xf32>, %g: tensor<1xf32>, %lr: tensor<f32>, %wd: tensor<f32>) -> tensor<1xf32> {
    %n = "mpc.sgd"(%p, %g, %lr, %wd) {operandSegmentSizes = array<i32: 1, 1, 0, 1, 1, 0>}
      : (tensor<1xf32>, tensor<1xf32>, tensor<f32>, tensor<f32>) -> tensor<1xf32>
    return %n : tensor<1xf32> })");
  Outcome o = p.run({p.floats("1xf32", {8}), p.floats("1xf32", {3}),
                     p.floats("f32", {0.5}), p.floats("f32", {0.25})});
  EXPECT_EQ(o.values[0].floats, Doubles{5.5}); // 8 - 0.5 * (3 + 2)
}

TEST(ReferenceOptimizer, SgdWithNesterovLooksAhead) {
  for (bool nesterov : {false, true}) {
    Program p(
        "func.func @f(%p: tensor<1xf32>, %g: tensor<1xf32>, %m: tensor<1xf32>,"
        " %lr: tensor<f32>, %wd: tensor<f32>, %mu: tensor<f32>)"
        " -> (tensor<1xf32>, tensor<1xf32>) {"
        "%n:2 = \"mpc.sgd\"(%p, %g, %m, %lr, %wd, %mu) <{" +
        std::string(nesterov ? "nesterov, " : "") +
        "operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1>}>"
        ": (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<f32>,"
        " tensor<f32>, tensor<f32>) -> (tensor<1xf32>, tensor<1xf32>)"
        "return %n#0, %n#1 : tensor<1xf32>, tensor<1xf32> }");
    Outcome o = p.run({p.floats("1xf32", {8}), p.floats("1xf32", {3}),
                       p.floats("1xf32", {4}), p.floats("f32", {0.5}),
                       p.floats("f32", {0.25}), p.floats("f32", {0.5})});
    // g = 5, moment' = 2 + 5 = 7; step 7, or 5 + 3.5.
    EXPECT_EQ(o.values[0].floats, Doubles{nesterov ? 3.75 : 4.5});
    EXPECT_EQ(o.values[1].floats, Doubles{7});
  }
}

// The first step of Adam with zero moments moves by lr * sign(g).
TEST(ReferenceOptimizer, AdamCorrectsTheBiasOfTheFirstStep) {
  for (bool decoupled : {false, true}) {
    Program p(
        "func.func @f(%p: tensor<1xf32>, %g: tensor<1xf32>, %z: tensor<1xf32>,"
        " %lr: tensor<f32>, %b: tensor<f32>, %c: tensor<f32>, %e: tensor<f32>,"
        " %wd: tensor<f32>, %t: tensor<i64>)"
        " -> (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) {"
        "%s, %r = mpc.adam_factors %lr, %b, %c, %t"
        ": (tensor<f32>, tensor<f32>, tensor<f32>, tensor<i64>)"
        " -> (tensor<f32>, tensor<f32>)\n"
        "%n:3 = mpc.adam %p, %g, %z, %z, %lr, %b, %c, %e, %wd, %s, %r " +
        std::string(decoupled ? "{decoupled}" : "") +
        ": (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>,"
        " tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>,"
        " tensor<f32>, tensor<f32>)"
        " -> (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)"
        "return %n#0, %n#1, %n#2 : tensor<1xf32>, tensor<1xf32>, tensor<1xf32>"
        "}");
    auto scalar = [&](double x) { return p.floats("f32", {x}); };
    Outcome o =
        p.run({p.floats("1xf32", {8}), p.floats("1xf32", {-6}),
               p.floats("1xf32", {0}), scalar(0.5), scalar(0.5), scalar(0.75),
               scalar(0), scalar(0.25), p.integers("i64", {0})});
    // Coupled: g = -6 + 2 = -4. Decoupled: p = 8 * (1 - 0.125) = 7, g = -6.
    EXPECT_EQ(o.values[0].floats, Doubles{decoupled ? 7.5 : 8.5});
    EXPECT_EQ(o.values[1].floats, Doubles{decoupled ? -3.0 : -2.0});
    EXPECT_EQ(o.values[2].floats, Doubles{decoupled ? 9.0 : 4.0});
  }
}

TEST(ReferenceOptimizer, AdamCountsTheStepItTakes) {
  Program p(
      R"(func.func @f(%p: tensor<1xf32>, %g: tensor<1xf32>, %z: tensor<1xf32>, %one: tensor<f32>,
      %b: tensor<f32>, %c: tensor<f32>, %zero: tensor<f32>, %t: tensor<i64>) -> tensor<1xf32> {
    %s, %r = mpc.adam_factors %one, %b, %c, %t
      : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<i64>) -> (tensor<f32>, tensor<f32>)
    %n:3 = mpc.adam %p, %g, %z, %z, %one, %b, %c, %zero, %zero, %s, %r
      : (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<f32>, tensor<f32>, tensor<f32>,
         tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>)
    return %n#0 : tensor<1xf32> })");
  auto scalar = [&](double x) { return p.floats("f32", {x}); };
  Outcome o = p.run({p.floats("1xf32", {1}), p.floats("1xf32", {4}),
                     p.floats("1xf32", {0}), scalar(1), scalar(0.5),
                     scalar(0.75), scalar(0), p.integers("i64", {1})});
  // t = 2: m = 2, v = 4; 1 - 1 / 0.75 * 2 / (2 / sqrt(1 - 0.5625)), where the
  // two factors are rounded.
  double stepSize = static_cast<float>(1 / 0.75);
  double root = static_cast<float>(std::sqrt(0.4375));
  double expected = 1 - stepSize * 2 / (2 / root);
  EXPECT_EQ(o.values[0].floats[0],
            static_cast<double>(static_cast<float>(expected)));
}

TEST(ReferenceOptimizer, StepLrMultipliesAtEachFullPeriod) {
  Program p(
      R"(func.func @f(%lr: tensor<f32>, %k: tensor<f32>, %n: tensor<f32>, %t: tensor<i64>) -> tensor<f32> {
    %r = mpc.step_lr %lr, %k, %n, %t : (tensor<f32>, tensor<f32>, tensor<f32>, tensor<i64>) -> tensor<f32>
    return %r : tensor<f32> })");
  for (auto [step, expected] :
       {std::pair<int64_t, double>{0, 8}, {9, 8}, {10, 4}, {29, 2}}) {
    Outcome o = p.run({p.floats("f32", {8}), p.floats("f32", {0.5}),
                       p.floats("f32", {10}), p.integers("i64", {step})});
    EXPECT_EQ(o.values[0].floats, Doubles{expected}) << "step " << step;
  }
}

TEST(ReferenceOptimizer, GlobalNormAndClipFactor) {
  Program p(
      R"(func.func @f(%a: tensor<2xf32>, %b: tensor<1xf16>, %max: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
    %n = mpc.global_norm %a, %b : (tensor<2xf32>, tensor<1xf16>) -> tensor<f32>
    %c = mpc.clip_factor %n, %max : (tensor<f32>, tensor<f32>) -> tensor<f32>
    return %n, %c : tensor<f32>, tensor<f32> })");
  Outcome o = p.run({p.floats("2xf32", {2, 3}), p.floats("1xf16", {6}),
                     p.floats("f32", {3.5})});
  EXPECT_EQ(o.values[0].floats, Doubles{7});
  EXPECT_EQ(o.values[1].floats,
            Doubles{static_cast<double>(static_cast<float>(3.5 / 7.000001))});
  o = p.run({p.floats("2xf32", {2, 3}), p.floats("1xf16", {6}),
             p.floats("f32", {8})});
  EXPECT_EQ(o.values[1].floats, Doubles{1});
}

TEST(ReferenceScaling, CountsWhatIsNotFinite) {
  Program p(
      R"(func.func @f(%a: tensor<2xf16>, %b: tensor<2xf32>) -> (tensor<i64>, tensor<i1>) {
    %n, %ok = mpc.nonfinite_count %a, %b : (tensor<2xf16>, tensor<2xf32>) -> (tensor<i64>, tensor<i1>)
    return %n, %ok : tensor<i64>, tensor<i1> })");
  Outcome o = p.run({p.floats("2xf16", {INFINITY, 65504}),
                     p.floats("2xf32", {std::nan(""), 1})});
  EXPECT_EQ(o.values[0].integer(), 2);
  EXPECT_EQ(o.values[1].integer(), 0);
  o = p.run({p.floats("2xf16", {0, 1}), p.floats("2xf32", {0, 1})});
  EXPECT_EQ(o.values[0].integer(), 0);
  EXPECT_EQ(o.values[1].integer(), 1);
}

namespace {
struct ScaleState {
  double scale;
  int64_t good, bad;
  bool operator==(const ScaleState &) const = default;
};
} // namespace

// growth 2 after 3 good steps, at most 64; backoff 0.5 after 2 bad ones, at
// least 4.
static ScaleState nextScale(ScaleState now, bool finite) {
  Program p(
      R"(func.func @f(%s: tensor<f32>, %g: tensor<i64>, %b: tensor<i64>, %ok: tensor<i1>,
      %gf: tensor<f32>, %gi: tensor<f32>, %bf: tensor<f32>, %h: tensor<f32>, %lo: tensor<f32>, %hi: tensor<f32>)
      -> (tensor<f32>, tensor<i64>, tensor<i64>) {
    %n:3 = mpc.update_loss_scale %s, %g, %b, %ok, %gf, %gi, %bf, %h, %lo, %hi
      : (tensor<f32>, tensor<i64>, tensor<i64>, tensor<i1>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>,
         tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<i64>, tensor<i64>)
    return %n#0, %n#1, %n#2 : tensor<f32>, tensor<i64>, tensor<i64> })");
  auto scalar = [&](double x) { return p.floats("f32", {x}); };
  Outcome o = p.run({scalar(now.scale), p.integers("i64", {now.good}),
                     p.integers("i64", {now.bad}), p.integers("i1", {finite}),
                     scalar(2), scalar(3), scalar(0.5), scalar(2), scalar(4),
                     scalar(64)});
  return {o.values[0].scalar(), o.values[1].integer(), o.values[2].integer()};
}

TEST(ReferenceScaling, GrowsAfterTheIntervalUpToTheMaximum) {
  EXPECT_EQ(nextScale({16, 1, 1}, true), (ScaleState{16, 2, 0}));
  EXPECT_EQ(nextScale({16, 2, 0}, true), (ScaleState{32, 0, 0}));
  EXPECT_EQ(nextScale({64, 2, 0}, true), (ScaleState{64, 0, 0}));
}

TEST(ReferenceScaling, BacksOffAfterConsecutiveOverflowsDownToTheMinimum) {
  EXPECT_EQ(nextScale({16, 2, 0}, false), (ScaleState{16, 0, 1}));
  EXPECT_EQ(nextScale({16, 0, 1}, false), (ScaleState{8, 0, 0}));
  EXPECT_EQ(nextScale({4, 0, 1}, false), (ScaleState{4, 0, 0}));
}

TEST(ReferenceState, SeedsAndUnscales) {
  Program p(R"(
    mpc.state @w : tensor<1xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    func.func @f(%s: tensor<f32>, %g: tensor<1xf16>, %i: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<1xf32>, tensor<1xf32>) {
      %a = mpc.gradient_seed : () -> tensor<f32>
      %b = mpc.gradient_seed %s : (tensor<f32>) -> tensor<f32>
      %c = mpc.parameter_gradient %g {parameter = @w} : (tensor<1xf16>) -> tensor<1xf32>
      %d = mpc.parameter_gradient %g, %i {parameter = @w} : (tensor<1xf16>, tensor<f32>) -> tensor<1xf32>
      return %a, %b, %c, %d : tensor<f32>, tensor<f32>, tensor<1xf32>, tensor<1xf32>
    })");
  // 2^-24 is f16's smallest number; unscaled it lies far below f16's range.
  double smallest = std::ldexp(1.0, -24);
  Outcome o = p.run({p.floats("f32", {1024}), p.floats("1xf16", {smallest}),
                     p.floats("f32", {1.0 / 1024})});
  EXPECT_EQ(o.values[0].floats, Doubles{1});
  EXPECT_EQ(o.values[1].floats, Doubles{1024});
  EXPECT_EQ(o.values[2].floats, Doubles{smallest});
  EXPECT_EQ(o.values[3].floats, Doubles{std::ldexp(1.0, -34)});
}
