// Where the operands of an extremum are equal each gets half of the gradient,
// as in PyTorch.
#include "mlir/Pass/PassManager.h"
#include "passes/autodiff/Passes.h"
#include "test/unit/reference/Program.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using mpc::test::Program;
using Doubles = std::vector<double>;

// The gradient of sum(op(w, x)) by w.
static Doubles gradientOf(StringRef op, Doubles w, Doubles x) {
  std::string text = R"(
    mpc.state @w : tensor<3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    func.func @train_step(%x: tensor<3xf32>) {
      %w = mpc.read @w : tensor<3xf32>
      %y = mpc.OP %w, %x : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
      %loss = mpc.reduce_sum %y {axes = array<i64: 0>} : (tensor<3xf32>) -> tensor<f32>
      mpc.gradients %loss : tensor<f32>, []
    })";
  text.replace(text.find("OP"), 2, op.str());
  Program program(text, registerDerivatives);
  PassManager pm(&program.context);
  pm.addPass(createDifferentiatePass());
  EXPECT_TRUE(succeeded(pm.run(*program.module))) << program.message;
  TensorMap states;
  states["w"] = program.floats("3xf32", std::move(w));
  auto outcome = run(program.function("train_step"), states,
                     {program.floats("3xf32", std::move(x))}, Mode::Exact);
  EXPECT_TRUE(succeeded(outcome)) << program.message;
  return outcome->gradients["w"].floats;
}

TEST(Ties, GiveHalfOfTheGradientOfMax) {
  EXPECT_EQ(gradientOf("max", {1, 2, 3}, {2, 2, 2}), (Doubles{0, 0.5, 1}));
}

TEST(Ties, GiveHalfOfTheGradientOfMin) {
  EXPECT_EQ(gradientOf("min", {1, 2, 3}, {2, 2, 2}), (Doubles{1, 0.5, 0}));
}
