// Gradients of whole networks, as the autodiff phase builds them, against
// central differences in f64: what single rules cannot show, such as values
// that are used more than once.
//
// As in GradientsTest.cpp, the truncation error is below |D(2h) - D(h)|. For
// the rounding error: parameters have magnitudes up to 0.5, so no number here
// exceeds 8 and no derivative of the loss by one exceeds 8; each of at most
// 10^4 operations has a relative error u. So L errs by at most 64 * 10^4 u.
#include "mlir/Pass/PassManager.h"
#include "passes/autodiff/Passes.h"
#include "test/gradients/Numbers.h"
#include "test/unit/reference/Program.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using mpc::test::centralDifference;
using mpc::test::Numbers;
using mpc::test::Program;
using mpc::test::step;

// `text` has @train_step as mpc-append-loss leaves it; `labels` are its last
// argument.
static void checkNetwork(StringRef text, std::vector<int64_t> labels) {
  Program program(text, registerDerivatives);
  PassManager pm(&program.context);
  pm.addPass(createDifferentiatePass());
  ASSERT_TRUE(succeeded(pm.run(*program.module))) << program.message;
  auto function = program.function("train_step");

  Numbers numbers;
  std::vector<Tensor> arguments;
  for (Type type : function.getArgumentTypes()) {
    auto tensor = cast<RankedTensorType>(type);
    arguments.push_back(isa<FloatType>(tensor.getElementType())
                            ? numbers.tensor(tensor)
                            : Tensor(tensor, labels));
  }
  TensorMap states;
  for (auto state : program.module->getOps<StateOp>())
    states[state.getSymName()] = numbers.tensor(state.getTensorType(), 0.25);

  auto execute = [&] {
    auto outcome = run(function, states, arguments, Mode::Exact);
    EXPECT_TRUE(succeeded(outcome)) << program.message;
    return *outcome;
  };
  Outcome built = execute();
  ASSERT_FALSE(built.gradients.empty());
  double rounding = 64e4 * test::unitRoundoff / step;
  for (auto &entry : built.gradients)
    for (auto [i, got] : llvm::enumerate(entry.second.floats)) {
      double &element = states[entry.first()].floats[i];
      auto difference = [&](double h) {
        return centralDifference(element, h,
                                 [&] { return execute().loss.scalar(); });
      };
      double near = difference(step), far = difference(2 * step);
      EXPECT_LE(std::abs(got - near), std::abs(far - near) + 1.5 * rounding)
          << entry.first().str() << "[" << i << "]: autodiff " << got
          << ", difference " << near;
    }
}

// The weight of two layers is one state, and their input skips past them.
TEST(Network, SharedWeightsAndASkipConnection) {
  checkNetwork(R"(
    mpc.state @w : tensor<4x4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    mpc.state @b : tensor<4xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    func.func @train_step(%x: tensor<3x4xf32>, %y: tensor<3xi64>) {
      %w = mpc.read @w : tensor<4x4xf32>
      %b = mpc.read @b : tensor<4xf32>
      %1 = mpc.gemm %x, %w, %b {trans_b} : (tensor<3x4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
      %2 = mpc.relu %1 : (tensor<3x4xf32>) -> tensor<3x4xf32>
      %3 = mpc.gemm %2, %w, %b : (tensor<3x4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
      %4 = mpc.add %3, %1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
      %5 = mpc.mul %4, %4 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
      %loss = mpc.cross_entropy %5, %y {class_axis = 1, ignore_index = -100} : (tensor<3x4xf32>, tensor<3xi64>) -> tensor<f32>
      mpc.gradients %loss : tensor<f32>, []
    })",
               {2, -100, 0});
}

TEST(Network, ConvolutionNormalizationAndPooling) {
  checkNetwork(R"(
    mpc.state @k : tensor<2x1x3x3xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    mpc.state @s : tensor<2xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    mpc.state @t : tensor<2xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    mpc.state @m : tensor<2xf32> {role = #mpc.role<constant>, initializer = #mpc.fill<0.0>}
    mpc.state @w : tensor<3x8xf32> {role = #mpc.role<parameter>, initializer = #mpc.fill<0.0>}
    func.func @train_step(%x: tensor<2x1x5x5xf32>, %y: tensor<2xi64>) {
      %k = mpc.read @k : tensor<2x1x3x3xf32>
      %s = mpc.read @s : tensor<2xf32>
      %t = mpc.read @t : tensor<2xf32>
      %m = mpc.read @m : tensor<2xf32>
      %w = mpc.read @w : tensor<3x8xf32>
      %1 = mpc.conv %x, %k {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}
        : (tensor<2x1x5x5xf32>, tensor<2x1x3x3xf32>) -> tensor<2x2x5x5xf32>
      %2:5 = mpc.batch_normalization %1, %s, %t, %m, %m {epsilon = 0.1 : f32, momentum = 0.9 : f32}
        : (tensor<2x2x5x5xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
        -> (tensor<2x2x5x5xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
      %3 = mpc.relu %2#0 : (tensor<2x2x5x5xf32>) -> tensor<2x2x5x5xf32>
      %4 = mpc.average_pool %3 {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        : (tensor<2x2x5x5xf32>) -> tensor<2x2x4x4xf32>
      %5 = mpc.max_pool %4 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}
        : (tensor<2x2x4x4xf32>) -> tensor<2x2x2x2xf32>
      %6 = mpc.reshape %5 : (tensor<2x2x2x2xf32>) -> tensor<2x8xf32>
      %7 = mpc.gemm %6, %w {trans_b} : (tensor<2x8xf32>, tensor<3x8xf32>) -> tensor<2x3xf32>
      %loss = mpc.cross_entropy %7, %y {class_axis = 1, ignore_index = -100} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<f32>
      mpc.gradients %loss : tensor<f32>, []
    })",
               {2, 0});
}
