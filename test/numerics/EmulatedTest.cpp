// Ops whose tiles are others on a GPU or have teams, under the emulator: wrong
// indices show where there is no GPU. What a GPU makes of all ops is the matter
// of mpc_gpu_numerics.
#include "test/numerics/RunProgram.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::test;

static void agreesWithTheReference(const std::string &op, Target target) {
  Instances instances(op);
  instances.forEach([&](func::FuncOp function, const Case &c) {
    std::string text;
    llvm::raw_string_ostream(text) << function;
    SCOPED_TRACE(text);
    ProgramRunner runner(text, target);
    if (!runner.ok())
      return;
    for (const Tensors &arguments : Instances::arguments(function, c)) {
      Expectation expected(function, arguments);
      EXPECT_EQ(expected.check(runProgram(runner, function, arguments)), "");
    }
  });
}

class Emulated : public testing::TestWithParam<std::string> {};
TEST_P(Emulated, AgreesWithTheReference) {
  agreesWithTheReference(GetParam(), {Target::Kind::Sm80});
}

// Ops whose rows shared memory may hold.
class EmulatedHopper : public testing::TestWithParam<std::string> {};
TEST_P(EmulatedHopper, AgreesWithTheReference) {
  agreesWithTheReference(GetParam(), {Target::Kind::Sm90a});
}

INSTANTIATE_TEST_SUITE_P(
    Ops, Emulated,
    testing::Values("average_pool", "average_pool_grad", "concat",
                    "cross_entropy", "cross_entropy_and_grad",
                    "cross_entropy_grad", "dropout", "expand_rows", "fmod",
                    "fused_rows", "fused_update", "gather", "gather_grad",
                    "global_norm", "layer_normalization",
                    "layer_normalization_grad", "log_softmax",
                    "log_softmax_grad", "max_pool", "max_pool_grad", "mod",
                    "norm_and_count", "pad", "pow", "reduce_mean", "reduce_sum",
                    "rms_normalization_grad", "row_lists", "scatter", "slice",
                    "softmax", "sum_rows", "unary", "unary_grad"),
    [](const auto &info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(
    Ops, EmulatedHopper,
    testing::Values("cross_entropy_and_grad", "cross_entropy_grad",
                    "fused_rows", "layer_normalization",
                    "layer_normalization_grad", "log_softmax",
                    "log_softmax_grad", "rms_normalization",
                    "rms_normalization_grad", "softmax", "softmax_grad"),
    [](const auto &info) { return info.param; });
