#include "test/numerics/Chains.h"
#include "compiler/dialect/Dialect.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;
using namespace mpc::test;

namespace {
/// The ends of what a value may be: equal tensors where it is certain.
struct Ends {
  Tensor low, high;
  bool isCertain = true;
  std::vector<bool> mayBeNan = {}; ///< besides the numbers; empty: nowhere
};

class Chain {
public:
  std::vector<Allowed> run(func::FuncOp function, ArrayRef<Tensor> arguments) {
    for (auto [value, tensor] : llvm::zip(function.getArguments(), arguments))
      values[value] = {tensor, tensor};
    for (Operation &op : function.front().without_terminator())
      judge(&op);
    std::vector<Allowed> results;
    for (Value value : function.front().getTerminator()->getOperands())
      results.push_back(allowed[value]);
    return results;
  }

private:
  llvm::DenseMap<Value, Ends> values;
  llvm::DenseMap<Value, Allowed> allowed;

  void judge(Operation *op) {
    std::vector<Allowed> results = judgeAt(op, &Ends::low);
    if (!certain(op)) {
      EXPECT_TRUE(isMonotonic(op)) << op->getName().getStringRef().str()
                                   << " does not lead ends to ends";
      join(results, judgeAt(op, &Ends::high));
      for (Value operand : op->getOperands())
        passNanOn(values[operand], results.front());
    }
    for (auto [value, result] : llvm::zip(op->getResults(), results)) {
      keepEnds(value, result);
      allowed[value] = std::move(result);
    }
  }

  bool certain(Operation *op) {
    return llvm::all_of(op->getOperands(),
                        [&](Value value) { return values[value].isCertain; });
  }

  // For these, given that all operands but one are certain.
  bool isMonotonic(Operation *op) {
    int64_t uncertain = llvm::count_if(op->getOperands(), [&](Value value) {
      return !values[value].isCertain;
    });
    if (auto unary = dyn_cast<UnaryOp>(op))
      return unary.getFunction() == UnaryFunction::Tanh ||
             unary.getFunction() == UnaryFunction::Sigmoid;
    if (auto grad = dyn_cast<ReluGradOp>(op))
      return values[grad->getOperand(1)].isCertain;
    // Infinity is what anything may be, and 0 times that would be NaN.
    if (isa<MulOp>(op) && llvm::any_of(op->getOperands(), [&](Value value) {
          return !values[value].mayBeNan.empty();
        }))
      return false;
    return uncertain == 1 && isa<AddOp, SubOp, MulOp, NegOp, ReluOp, CastOp,
                                 SelectOp, ReshapeOp, ClipFactorOp>(op);
  }

  // What the results may be if the operands are at that end.
  std::vector<Allowed> judgeAt(Operation *op, Tensor Ends::*end) {
    SmallVector<const Tensor *> inputs;
    for (Value operand : op->getOperands())
      inputs.push_back(&(values[operand].*end));
    auto exact = evaluate(op, inputs, Mode::Exact);
    auto rounded = evaluate(op, inputs, Mode::Rounded);
    if (failed(exact) || failed(rounded)) {
      ADD_FAILURE() << "the reference fails on "
                    << op->getName().getStringRef().str();
      return std::vector<Allowed>(op->getNumResults());
    }
    auto bounds = errorBounds(op, inputs, *exact);
    std::vector<Allowed> results;
    for (size_t i = 0; i < exact->size(); ++i)
      results.push_back(allowedResult((*exact)[i], (*rounded)[i],
                                      bounds ? &(*bounds)[i] : nullptr));
    return results;
  }

  // The hull of what both ends allow.
  static void join(std::vector<Allowed> &results,
                   const std::vector<Allowed> &others) {
    for (auto [result, other] : llvm::zip(results, others))
      for (size_t i = 0; i < result.flags.size(); ++i) {
        double &low = result.low.floats[i], &high = result.high.floats[i];
        low = std::min(low, other.low.floats[i]);
        high = std::max(high, other.high.floats[i]);
        result.flags[i] = (result.flags[i] | other.flags[i]) & Allowed::nan;
      }
  }

  static void passNanOn(const Ends &operand, Allowed &result) {
    if (operand.mayBeNan.empty())
      return;
    ASSERT_EQ(operand.mayBeNan.size(), result.flags.size());
    for (size_t i = 0; i < result.flags.size(); ++i)
      if (operand.mayBeNan[i])
        result.flags[i] |= Allowed::nan;
  }

  void keepEnds(Value value, const Allowed &result) {
    Ends &ends = values[value];
    ends.low = ends.high = Tensor(cast<RankedTensorType>(value.getType()));
    ends.low.integers = ends.high.integers = result.low.integers;
    for (size_t i = 0; i < result.flags.size(); ++i) {
      double low = result.low.floats[i], high = result.high.floats[i];
      bool isNan = low > high, isZero = low == 0 && high == 0;
      if (isNan)
        low = high = std::nan("");
      else if (result.flags[i] & Allowed::nan)
        ends.mayBeNan.resize(result.flags.size());
      if (!ends.mayBeNan.empty())
        ends.mayBeNan[i] = !isNan && (result.flags[i] & Allowed::nan);
      ends.isCertain &=
          isNan || (isZero ? (result.flags[i] & Allowed::signedZero) != 0
                           : low == high && !(result.flags[i] & Allowed::nan));
      ends.low.floats[i] = low;
      ends.high.floats[i] = high;
    }
  }
};
} // namespace

std::vector<Allowed> mpc::test::allowedResults(func::FuncOp function,
                                               ArrayRef<Tensor> arguments) {
  return Chain().run(function, arguments);
}
