// GELU, SiLU and Mish that an exporter wrote as products. A product is compared
// as number * x^n * rest, so that the order of its factors does not matter.
#include "passes/simplify/Simplification.h"
#include <cmath>
#include <numbers>

using namespace mlir;
using namespace mpc;

// Deeper products than any form of these functions has are not looked into.
static constexpr int maxDepth = 4;

namespace {
struct Product {
  double number = 1;
  int powerOfX = 0;
  SmallVector<Value, 2> rest;
};
} // namespace

// Multiplies `product` by the factors of `value`, of which `x` is not taken
// apart.
static void collect(Value value, Value x, Product &product, Matched &matched,
                    int depth = 0) {
  if (value == x) {
    ++product.powerOfX;
    return;
  }
  if (std::optional<double> number = splatNumber(value)) {
    product.number *= *number;
    return;
  }
  Operation *op = value.getDefiningOp();
  auto mul = dyn_cast_or_null<MulOp>(op);
  auto div = dyn_cast_or_null<DivOp>(op);
  auto pow = dyn_cast_or_null<PowOp>(op);
  std::optional<double> divisor =
      div ? splatNumber(div.getRhs()) : std::nullopt;
  double exponent = pow ? splatNumber(pow.getRhs()).value_or(0) : 0;
  if (depth < maxDepth && mul) {
    collect(mul.getLhs(), x, product, matched, depth + 1);
    collect(mul.getRhs(), x, product, matched, depth + 1);
  } else if (depth < maxDepth && divisor) {
    collect(div.getLhs(), x, product, matched, depth + 1);
    product.number /= *divisor;
  } else if ((exponent == 2 || exponent == 3) && pow.getLhs() == x) {
    product.powerOfX += static_cast<int>(exponent);
  } else {
    product.rest.push_back(value);
    return;
  }
  matched.insert(op);
}

static Product factor(Value value, Value x, Matched &matched) {
  Product product;
  collect(value, x, product, matched);
  return product;
}

// Whether the product is number * x^n * r for exactly one r, or none.
static bool isForm(const Product &product, double number, int powerOfX,
                   size_t rest) {
  // Exporters round constants to f32, some after a calculation in f32: one
  // unit in the last place of either.
  return std::abs(product.number - number) <= std::ldexp(number, -23) &&
         product.powerOfX == powerOfX && product.rest.size() == rest;
}

// y, if `value` is 1 + y.
static Value matchOnePlus(Value value, Matched &matched) {
  auto sum = value.getDefiningOp<AddOp>();
  if (!sum)
    return nullptr;
  for (auto [one, other] : {std::pair(sum.getLhs(), sum.getRhs()),
                            std::pair(sum.getRhs(), sum.getLhs())})
    if (splatNumber(one) == 1.0) {
      matched.insert(sum);
      return other;
    }
  return nullptr;
}

// The operand, if `value` is `function` of it.
static Value matchUnary(Value value, UnaryFunction function, Matched &matched) {
  auto unary = value ? value.getDefiningOp<UnaryOp>() : nullptr;
  if (!unary || unary.getFunction() != function)
    return nullptr;
  matched.insert(unary);
  return unary.getInput();
}

// sqrt(2 / pi) * (x + 0.044715 * x^3), also with x taken out of the sum
// (Hendrycks and Gimpel 2016).
static bool isTanhArgument(Value value, Value x, Matched &matched) {
  const double factorOfSum = std::sqrt(2 / std::numbers::pi);
  constexpr double cubic = 0.044715;
  Product outer = factor(value, x, matched);
  if (isForm(outer, factorOfSum, 1, 1)) {
    Value square = matchOnePlus(outer.rest[0], matched);
    return square && isForm(factor(square, x, matched), cubic, 2, 0);
  }
  auto sum = isForm(outer, factorOfSum, 0, 1)
                 ? outer.rest[0].getDefiningOp<AddOp>()
                 : nullptr;
  if (!sum || (sum.getLhs() != x && sum.getRhs() != x))
    return false;
  matched.insert(sum);
  Value cube = sum.getLhs() == x ? sum.getRhs() : sum.getLhs();
  return isForm(factor(cube, x, matched), cubic, 3, 0);
}

// The function of `x` that `value` is, if it is one of the four.
static std::optional<UnaryFunction> matchFunction(Value value, Value x,
                                                  Matched &matched) {
  Product product = factor(value, x, matched);
  if (isForm(product, 1, 1, 1)) {
    Value gate = product.rest[0];
    if (matchUnary(gate, UnaryFunction::Sigmoid, matched) == x)
      return UnaryFunction::Silu;
    Value inner = matchUnary(gate, UnaryFunction::Tanh, matched);
    if (inner && matchUnary(inner, UnaryFunction::Softplus, matched) == x)
      return UnaryFunction::Mish;
  }
  if (!isForm(product, 0.5, 1, 1))
    return std::nullopt;
  Value share = matchOnePlus(product.rest[0], matched);
  if (Value inner = matchUnary(share, UnaryFunction::Erf, matched))
    if (isForm(factor(inner, x, matched), std::numbers::sqrt2 / 2, 1, 0))
      return UnaryFunction::Gelu;
  if (Value inner = matchUnary(share, UnaryFunction::Tanh, matched))
    if (isTanhArgument(inner, x, matched))
      return UnaryFunction::GeluTanh;
  return std::nullopt;
}

// All values of a product that may be the x of its function.
static void addCandidates(Value value, llvm::SmallSetVector<Value, 8> &found,
                          int depth = 0) {
  Operation *op = value.getDefiningOp();
  if (depth > 0 && !splatNumber(value))
    found.insert(value);
  if (depth == maxDepth || !isa_and_nonnull<MulOp, DivOp>(op))
    return;
  for (Value operand : op->getOperands())
    addCandidates(operand, found, depth + 1);
}

static StringRef opTypeOf(UnaryFunction function) {
  return function == UnaryFunction::Silu   ? "Swish"
         : function == UnaryFunction::Mish ? "Mish"
                                           : "Gelu";
}

namespace {
// x * sigmoid(x), x * tanh(softplus(x)), x / 2 * (1 + erf(x / sqrt(2))) and x /
// 2
// * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) are functions of x.
template <typename Op> struct RecoverActivation : Simplification<Op> {
  using Simplification<Op>::Simplification;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    if (!elementTypeOf(op.getResult()).isF32())
      return rewriter.notifyMatchFailure(op, "is rounded to a narrow type");
    llvm::SmallSetVector<Value, 8> candidates;
    addCandidates(op.getResult(), candidates);
    for (Value x : candidates) {
      Matched matched;
      std::optional<UnaryFunction> function;
      if (x.getType() == op.getType())
        function = matchFunction(op.getResult(), x, matched);
      if (!function)
        continue;
      this->say(op, "recovered as " + stringifyUnaryFunction(*function));
      auto made = UnaryOp::create(rewriter, op.getLoc(), *function, x);
      takeOver(matched, made, opTypeOf(*function), rewriter);
      rewriter.replaceOp(op, made);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "is no product of an activation");
  }
};
} // namespace

void mpc::addActivationPatterns(RewritePatternSet &patterns, bool report) {
  patterns.add<RecoverActivation<MulOp>, RecoverActivation<DivOp>>(
      patterns.getContext(), report);
}
