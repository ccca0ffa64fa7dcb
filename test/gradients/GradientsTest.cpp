// Every derivative rule against central differences in f64.
//
// With L(x) = sum(seed * f(x)) the rule gives dL/dx. The difference
//   D(h) = (L(x + h) - L(x - h)) / 2h = L'(x) + h^2/6 L'''(x) + O(h^4)
// errs by truncation and by rounding.
// - Truncation: D(2h) - D(h) = h^2/2 L''' + O(h^4) is three times the error of
//   D(h). All of it is allowed: the other two thirds cover O(h^4), which is
//   h^2 ~ 4e-11 times smaller.
// - Rounding: a result element comes from at most K = 4 n + 16 elementary
//   operations, n being the number of input elements (a product and a sum per
//   element; three passes for losses and batch normalisation). The numbers have
//   magnitude at most 2, the seeds 1, quotients and inverse square roots here
//   at most 4, so no term exceeds 8 and no partial sum 8 K; each operation adds
//   a relative error u = 2^-53. R result elements give L an error of at most
//   E = 8 K^2 R u, D(h) one of E / h and D(2h) one of E / 2h.
// h = cbrt(u) balances the two.
#include "mlir/IR/Verifier.h"
#include "passes/autodiff/Passes.h"
#include "test/gradients/Cases.h"
#include "test/gradients/Numbers.h"
#include "test/unit/reference/Program.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using mpc::test::Case;
using mpc::test::centralDifference;
using mpc::test::Numbers;
using mpc::test::Program;
using mpc::test::step;
using mpc::test::unitRoundoff;

namespace {
class Gradient : public testing::TestWithParam<Case> {
protected:
  Gradient()
      : forward(GetParam().ir), backward(GetParam().ir, registerDerivatives) {}

  void SetUp() override {
    Numbers numbers(GetParam().positive);
    auto integers = GetParam().integers.begin();
    func::FuncOp f = forward.function("f");
    for (Type type : f.getArgumentTypes()) {
      auto tensor = cast<RankedTensorType>(type);
      arguments.push_back(isa<FloatType>(tensor.getElementType())
                              ? numbers.tensor(tensor, GetParam().scale)
                              : Tensor(tensor, *integers++));
      for (double &value : arguments.back().floats)
        value += GetParam().offset;
    }
    for (Type type : f.getResultTypes()) {
      seeds.push_back(numbers.tensor(cast<RankedTensorType>(type)));
      for (double &value : seeds.back().floats)
        value /= 2;
    }
  }

  // L at the current arguments.
  double loss() {
    double sum = 0;
    Outcome outcome = forward.run(arguments, Mode::Exact);
    for (auto [value, seed] : llvm::zip(outcome.values, seeds))
      for (auto [v, s] : llvm::zip(value.floats, seed.floats))
        sum += v * s;
    return sum;
  }

  double roundingError() const {
    int64_t inputs = 0, outputs = 0;
    for (const Tensor &argument : arguments)
      inputs += argument.size();
    for (const Tensor &seed : seeds)
      outputs += seed.size();
    double operations = 4.0 * inputs + 16;
    return 8 * operations * operations * outputs * unitRoundoff;
  }

  // Makes `backward` compute the gradients of the operands whose bit is set
  // from the arguments and one seed per result, and runs it. Gives nothing for
  // an operand that the rule left out.
  std::vector<std::optional<Tensor>> rule(ArrayRef<bool> needed);

  Program forward, backward;
  std::vector<Tensor> arguments, seeds;
};
} // namespace

std::vector<std::optional<Tensor>> Gradient::rule(ArrayRef<bool> needed) {
  OwningOpRef<ModuleOp> module = backward.module->clone();
  auto f = module->lookupSymbol<func::FuncOp>("f");
  Operation *end = f.front().getTerminator();
  Operation *op = end->getOperand(0).getDefiningOp();
  SmallVector<Value> ofResults(op->getNumResults()), gradients(needed.size());
  for (Value result : end->getOperands()) {
    unsigned at = f.getNumArguments();
    EXPECT_TRUE(
        succeeded(f.insertArgument(at, result.getType(), {}, result.getLoc())));
    ofResults[cast<OpResult>(result).getResultNumber()] = f.getArgument(at);
  }
  OpBuilder builder(end);
  auto differentiable = cast<DifferentiableOpInterface>(op);
  EXPECT_TRUE(succeeded(
      differentiable.buildGradients(builder, ofResults, needed, gradients)))
      << backward.message;
  SmallVector<Value> built(
      llvm::make_filter_range(gradients, [](Value v) { return v != nullptr; }));
  end->setOperands(built);
  f.setFunctionType(FunctionType::get(f.getContext(), f.getArgumentTypes(),
                                      ValueRange(built).getTypes()));
  EXPECT_TRUE(succeeded(verify(*module))) << backward.message;

  std::vector<Tensor> all = arguments;
  llvm::append_range(all, seeds);
  // The tensors' types belong to the other program's context.
  for (auto [tensor, type] : llvm::zip(all, f.getArgumentTypes()))
    tensor.type = cast<RankedTensorType>(type);
  auto outcome = run(f, {}, all, Mode::Exact);
  EXPECT_TRUE(succeeded(outcome)) << backward.message;
  std::vector<std::optional<Tensor>> result(needed.size());
  if (succeeded(outcome)) {
    auto *next = outcome->values.begin();
    for (auto [value, tensor] : llvm::zip(gradients, result))
      if (value)
        tensor = *next++;
  }
  return result;
}

// What a rule does not fill has to be 0.
TEST_P(Gradient, AgreesWithFiniteDifferences) {
  SmallVector<bool> needed;
  for (const Tensor &argument : arguments)
    needed.push_back(argument.isFloat());
  auto gradients = rule(needed);
  double rounding = roundingError() / step;
  // Factors of 0.5 and seeds of 0.25 make a wrong gradient differ by 0.1.
  ASSERT_LT(1.5 * rounding, 0.01);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!needed[i])
      continue;
    if (gradients[i]) {
      ASSERT_EQ(gradients[i]->shape(), arguments[i].shape());
    }
    for (size_t j = 0; j < arguments[i].floats.size(); ++j) {
      double &element = arguments[i].floats[j];
      auto difference = [&](double h) {
        return centralDifference(element, h, [&] { return loss(); });
      };
      double near = difference(step), far = difference(2 * step);
      double tolerance = std::abs(far - near) + 1.5 * rounding;
      double got = gradients[i] ? gradients[i]->floats[j] : 0.0;
      EXPECT_LE(std::abs(got - near), tolerance)
          << "operand " << i << ", element " << j << ": rule " << got
          << ", difference " << near;
    }
  }
}

// A rule gives the same gradient when it is the only one wanted, and none that
// is not.
TEST_P(Gradient, DoesNotDependOnWhatElseIsNeeded) {
  SmallVector<bool> all;
  for (const Tensor &argument : arguments)
    all.push_back(argument.isFloat());
  auto together = rule(all);
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i])
      continue;
    SmallVector<bool> only(all.size(), false);
    only[i] = true;
    auto alone = rule(only);
    for (size_t j = 0; j < all.size(); ++j)
      EXPECT_EQ(alone[j].has_value(), i == j && together[j].has_value());
    if (together[i] && alone[i]) {
      EXPECT_EQ(together[i]->floats, alone[i]->floats);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, Gradient, testing::ValuesIn(test::allCases()),
                         [](const auto &info) {
                           return info.param.op + "_" + info.param.name;
                         });
