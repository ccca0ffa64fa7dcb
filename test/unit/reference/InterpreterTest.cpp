#include "test/unit/reference/Program.h"
#include <cmath>

using namespace mpc;
using namespace mpc::reference;
using mpc::test::Program;

static const char *step = R"(
mpc.state @w : tensor<2xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
mpc.state @scale : tensor<f32> {role = #mpc.role<loop>, initializer = #mpc.fill<1.0>}
func.func @f(%applied: tensor<i1>) {
  %w = mpc.read @w : tensor<2xf32>
  %scale = mpc.read @scale : tensor<f32>
  %next = mpc.mul %w, %scale : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %less = mpc.neg %scale : (tensor<f32>) -> tensor<f32>
  mpc.commit %applied : tensor<i1> predicated [@w] (%next : tensor<2xf32>)
    always [@scale] (%less : tensor<f32>) status ["loss_scale"] (%scale : tensor<f32>)
})";

static Outcome runStep(bool applied) {
  Program program(step);
  TensorMap states;
  states["w"] = program.floats("2xf32", {1, 2});
  states["scale"] = program.floats("f32", {4});
  Outcome outcome =
      program.run({program.integers("i1", {applied})}, Mode::Rounded, states);
  // The program dies here; its types must not be asked any more.
  return outcome;
}

TEST(Interpreter, AnAppliedCommitWritesEveryState) {
  Outcome outcome = runStep(true);
  EXPECT_TRUE(outcome.applied);
  EXPECT_EQ(outcome.states["w"].floats, (std::vector<double>{4, 8}));
  EXPECT_EQ(outcome.states["scale"].floats, std::vector<double>{-4});
  EXPECT_EQ(outcome.status["loss_scale"].floats, std::vector<double>{4});
}

TEST(Interpreter, ASkippedCommitWritesOnlyWhatAlwaysChanges) {
  Outcome outcome = runStep(false);
  EXPECT_FALSE(outcome.applied);
  EXPECT_EQ(outcome.states["w"].floats, (std::vector<double>{1, 2}));
  EXPECT_EQ(outcome.states["scale"].floats, std::vector<double>{-4});
}

TEST(Interpreter, GradientsTerminatorGivesLossAndGradients) {
  Program program(R"(
    mpc.state @w : tensor<2xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    func.func @f(%loss: tensor<f32>, %g: tensor<2xf32>) {
      mpc.gradients %loss : tensor<f32>, [@w] (%g : tensor<2xf32>)
    })");
  Outcome outcome = program.run(
      {program.floats("f32", {3}), program.floats("2xf32", {5, 6})});
  EXPECT_EQ(outcome.loss.floats, std::vector<double>{3});
  EXPECT_EQ(outcome.gradients["w"].floats, (std::vector<double>{5, 6}));
}

TEST(Interpreter, AKernelIsItsBody) {
  Program program(R"(
    func.func @f(%x: tensor<2xf32>) -> tensor<2xf16> {
      %y = mpc.kernel "relu" provider "generated" (%x : tensor<2xf32>) -> tensor<2xf16> {
      ^bb0(%a: tensor<2xf32>):
        %r = mpc.relu %a : (tensor<2xf32>) -> tensor<2xf32>
        %s = mpc.add %r, %r : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf16>
        mpc.yield %s : tensor<2xf16>
      }
      return %y : tensor<2xf16>
    })");
  Outcome outcome = program.run({program.floats("2xf32", {-1, 3})});
  EXPECT_EQ(outcome.values[0].floats, (std::vector<double>{0, 6}));
}

TEST(Interpreter, RoundedModeRoundsEachResultAndExactModeNone) {
  Program program(R"(
    func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
      %h = mpc.cast %x : tensor<3xf32> to tensor<3xbf16>
      %w = mpc.cast %h : tensor<3xbf16> to tensor<3xf32>
      return %w : tensor<3xf32>
    })");
  // 1 + 2^-8 and 1 + 3 * 2^-8 are ties in bf16: even goes down, then up.
  Tensor x = program.floats("3xf32", {1.00390625, 1.01171875, 3.4e38});
  EXPECT_EQ(program.run({x}).values[0].floats,
            (std::vector<double>{1.0, 1.015625, INFINITY}));
  EXPECT_EQ(program.run({x}, Mode::Exact).values[0].floats, x.floats);
}

// 1 + 2^-11 + 2^-30: just above a tie of f16, but f32 arithmetic, in which the
// dialect computes, rounds it to the tie, which then goes to even.
TEST(Interpreter, ResultsAreRoundedThroughTheF32ThatOpsComputeIn) {
  Program program(R"(
    func.func @f(%x: tensor<f32>, %y: tensor<f32>) -> tensor<f16> {
      %s = mpc.add %x, %y : (tensor<f32>, tensor<f32>) -> tensor<f16>
      return %s : tensor<f16>
    })");
  double tie = 1 + std::ldexp(1.0, -11);
  Tensor x = program.floats("f32", {tie});
  Tensor y = program.floats("f32", {std::ldexp(1.0, -30)});
  EXPECT_EQ(program.run({x, y}).values[0].floats, std::vector<double>{1.0});
}

TEST(Interpreter, NamesTheStateThatHasNoValue) {
  Program program(R"(
    mpc.state @w : tensor<2xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    func.func @f() -> tensor<2xf32> {
      %w = mpc.read @w : tensor<2xf32>
      return %w : tensor<2xf32>
    })");
  EXPECT_TRUE(failed(run(program.function("f"), {}, {}, Mode::Exact)));
  EXPECT_EQ(program.message,
            "'mpc.read' op reads @w, which was given no value");
}

TEST(Interpreter, RefusesArgumentsOfOtherTypes) {
  Program program("func.func @f(%x: tensor<2xf32>) { return }");
  EXPECT_TRUE(failed(run(program.function("f"), {}, {}, Mode::Exact)));
  EXPECT_EQ(program.message,
            "'func.func' op was given 0 arguments; expected 1");
  EXPECT_TRUE(failed(run(program.function("f"), {},
                         {program.floats("2xf16", {0, 0})}, Mode::Exact)));
  EXPECT_EQ(program.message,
            "'func.func' op was given 'tensor<2xf16>' for argument 0 of type "
            "'tensor<2xf32>'");
}
