// Derivatives of extrema, powers and remainders.
#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

static Value compare(Gradients &g, ComparePredicate predicate, Value a,
                     Value b) {
  return g.make<CompareOp>(predicate, a, b);
}

// `then` where the condition holds, else `otherwise`, in the result's shape.
static Value choose(Gradients &g, Value condition, Value then,
                    Value otherwise) {
  return g.make<SelectOp>(g.of().getType(), condition, then, otherwise);
}

namespace {
// The gradient goes to the larger (smaller) operand; half each where they are
// equal, as in PyTorch.
template <typename Op, ComparePredicate loses>
struct ExtremumRule : Rule<ExtremumRule<Op, loses>, Op> {
  static LogicalResult derive(Op op, Gradients &g) {
    Value zero = g.scalar(0, g.of());
    Value half = g.make<MulOp>(g.of(), g.scalar(0.5, g.of()));
    Value isEqual =
        compare(g, ComparePredicate::Equal, op.getLhs(), op.getRhs());
    Value shared = choose(g, isEqual, half, g.of());
    auto share = [&](unsigned operand, Value own, Value other) {
      if (g.needs(operand))
        g.set(operand, choose(g, compare(g, loses, own, other), zero, shared));
    };
    share(0, op.getLhs(), op.getRhs());
    share(1, op.getRhs(), op.getLhs());
    return success();
  }
};
using MaxRule = ExtremumRule<MaxOp, ComparePredicate::Less>;
using MinRule = ExtremumRule<MinOp, ComparePredicate::Greater>;

// d a^b = b a^(b - 1) da + a^b log(a) db. Where b is 0 the power is constant;
// where a is 0 and b is not negative, so is the power of b.
struct PowRule : Rule<PowRule, PowOp> {
  static LogicalResult derive(PowOp op, Gradients &g) {
    if (g.needs(0))
      deriveBase(op, g);
    if (g.needs(1))
      deriveExponent(op, g);
    return success();
  }

  static void deriveBase(PowOp op, Gradients &g) {
    Value a = op.getLhs(), b = op.getRhs();
    std::optional<double> known = knownExponent(op);
    if (known == 0)
      return;
    if (known == 1)
      return g.set(0, g.of());
    if (known == 2)
      return g.set(0, g.make<MulOp>(g.of(), g.make<AddOp>(a, a)));
    Value less =
        known ? g.scalar(*known - 1, b) : g.make<SubOp>(b, g.scalar(1, b));
    Value slope =
        g.make<MulOp>(known ? g.scalar(*known, b) : b, g.make<PowOp>(a, less));
    Value gradient = g.make<MulOp>(g.of(), slope);
    if (!known) {
      Value zero = g.scalar(0, g.of());
      Value isZero = compare(g, ComparePredicate::Equal, b, g.scalar(0, b));
      gradient = choose(g, isZero, zero, gradient);
    }
    g.set(0, gradient);
  }

  static void deriveExponent(PowOp op, Gradients &g) {
    Value a = op.getLhs(), b = op.getRhs();
    Value log = g.make<UnaryOp>(UnaryFunction::Log, a);
    Value gradient = g.make<MulOp>(g.of(), g.make<MulOp>(op.getResult(), log));
    Value isConstant = g.make<AndOp>(
        compare(g, ComparePredicate::Equal, a, g.scalar(0, a)),
        compare(g, ComparePredicate::GreaterOrEqual, b, g.scalar(0, b)));
    g.set(1, choose(g, isConstant, g.scalar(0, g.of()), gradient));
  }

  // The exponent, if it is one number that is known.
  static std::optional<double> knownExponent(PowOp op) {
    auto constant = op.getRhs().getDefiningOp<ConstantOp>();
    if (!constant)
      return std::nullopt;
    auto value = dyn_cast<SplatElementsAttr>(constant.getValue());
    if (!value)
      return std::nullopt;
    return value.getSplatValue<FloatAttr>().getValueAsDouble();
  }
};

// r = a - n b with an integer n, rounded down or towards 0: dr = da - n db. n
// is (a - r) / b but for rounding.
template <typename Op> struct RemainderRule : Rule<RemainderRule<Op>, Op> {
  static LogicalResult derive(Op op, Gradients &g) {
    g.set(0, g.of());
    if (!g.needs(1))
      return success();
    Value multiple = g.make<SubOp>(op.getLhs(), op.getResult());
    Value n = g.make<UnaryOp>(UnaryFunction::Round,
                              g.make<DivOp>(multiple, op.getRhs()));
    g.set(1, g.make<NegOp>(g.make<MulOp>(g.of(), n)));
    return success();
  }
};
using ModRule = RemainderRule<ModOp>;
using FmodRule = RemainderRule<FmodOp>;
} // namespace

void rules::attachBinary(MLIRContext &context) {
  MaxRule::attach(context);
  MinRule::attach(context);
  PowRule::attach(context);
  ModRule::attach(context);
  FmodRule::attach(context);
}
