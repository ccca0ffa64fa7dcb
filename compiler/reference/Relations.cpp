// Comparisons, truth values and conversions.
#include "compiler/dialect/Relations.h"
#include "compiler/reference/Models.h"
#include <cmath>

using namespace mlir;
using namespace mpc;
using namespace mpc::reference;

static LogicalResult compare(CompareOp op, Inputs inputs, Results results) {
  const Tensor &a = *inputs[0], &b = *inputs[1];
  Tensor &result = results[0];
  ComparePredicate predicate = op.getPredicate();
  forEachIndex(result.shape(), [&](ArrayRef<int64_t> index) {
    result.integers[position(result.shape(), index)] =
        a.isFloat()
            ? holds(predicate, floatAt(a, index), floatAt(b, index))
            : holds(predicate, integerAt(a, index), integerAt(b, index));
  });
  return success();
}

template <typename Op, typename Formula>
static LogicalResult logical(Op, Inputs inputs, Results results) {
  const Tensor &a = *inputs[0], &b = *inputs[1];
  Tensor &result = results[0];
  forEachIndex(result.shape(), [&](ArrayRef<int64_t> index) {
    result.integers[position(result.shape(), index)] =
        Formula()(integerAt(a, index), integerAt(b, index));
  });
  return success();
}

static LogicalResult logicalNot(NotOp, Inputs inputs, Results results) {
  for (auto [y, x] : llvm::zip(results[0].integers, inputs[0]->integers))
    y = !x;
  return success();
}

static LogicalResult isNan(IsNanOp, Inputs inputs, Results results) {
  for (auto [y, x] : llvm::zip(results[0].integers, inputs[0]->floats))
    y = std::isnan(x);
  return success();
}

static LogicalResult isInf(IsInfOp op, Inputs inputs, Results results) {
  for (auto [y, x] : llvm::zip(results[0].integers, inputs[0]->floats))
    y = (op.getPositive() && x == HUGE_VAL) ||
        (op.getNegative() && x == -HUGE_VAL);
  return success();
}

static int64_t floatToInteger(double x, Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  if (width == 1)
    return x != 0;
  double limit = std::ldexp(1.0, static_cast<int>(width) - 1);
  if (std::isnan(x))
    return 0;
  if (x >= limit)
    return llvm::APInt::getSignedMaxValue(width).getSExtValue();
  return static_cast<int64_t>(std::fmax(x, -limit));
}

// An i64 beyond 2^53 is no f64. It is taken as the nearest f32, as the dialect
// computes; f32 conversion is then the only rounding.
static double integerToFloat(int64_t x) {
  auto wide = static_cast<double>(x);
  bool isExact = std::abs(wide) <= 0x1p53;
  return isExact ? wide : static_cast<double>(static_cast<float>(x));
}

static LogicalResult convert(ConvertOp op, Inputs inputs, Results results) {
  const Tensor &from = *inputs[0];
  Tensor &to = results[0];
  Type type = elementTypeOf(op.getResult());
  for (int64_t i = 0; i < to.size(); ++i) {
    if (to.isFloat())
      to.floats[i] = integerToFloat(from.integers[i]);
    else if (from.isFloat())
      to.integers[i] = floatToInteger(from.floats[i], type);
    else if (type.isInteger(1))
      to.integers[i] = from.integers[i] != 0;
    else
      to.integers[i] = from.integers[i];
  }
  return success();
}

void mpc::reference::attachRelationModels(MLIRContext *context) {
  attach<CompareOp, compare>(context);
  attach<AndOp, logical<AndOp, std::bit_and<int64_t>>>(context);
  attach<OrOp, logical<OrOp, std::bit_or<int64_t>>>(context);
  attach<XorOp, logical<XorOp, std::bit_xor<int64_t>>>(context);
  attach<NotOp, logicalNot>(context);
  attach<IsNanOp, isNan>(context);
  attach<IsInfOp, isInf>(context);
  attach<ConvertOp, convert>(context);
}
