#include "passes/autodiff/rules/Rules.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::rules;

namespace {
// d(a + b) = da + db
struct AddRule : Rule<AddRule, AddOp> {
  static LogicalResult derive(AddOp, Gradients &g) {
    g.set(0, g.of());
    g.set(1, g.of());
    return success();
  }
};

// d(a - b) = da - db
struct SubRule : Rule<SubRule, SubOp> {
  static LogicalResult derive(SubOp, Gradients &g) {
    g.set(0, g.of());
    if (g.needs(1))
      g.set(1, g.make<NegOp>(g.of()));
    return success();
  }
};

// d(a * b) = b da + a db
struct MulRule : Rule<MulRule, MulOp> {
  static LogicalResult derive(MulOp op, Gradients &g) {
    if (g.needs(0))
      g.set(0, g.make<MulOp>(g.of(), op.getRhs()));
    if (g.needs(1))
      g.set(1, g.make<MulOp>(g.of(), op.getLhs()));
    return success();
  }
};

// q = a / b: dq = (da - q db) / b
struct DivRule : Rule<DivRule, DivOp> {
  static LogicalResult derive(DivOp op, Gradients &g) {
    Value quotient = g.make<DivOp>(g.of(), op.getRhs());
    g.set(0, quotient);
    if (g.needs(1))
      g.set(1, g.make<NegOp>(g.make<MulOp>(quotient, op.getResult())));
    return success();
  }
};

// d(-x) = -dx
struct NegRule : Rule<NegRule, NegOp> {
  static LogicalResult derive(NegOp, Gradients &g) {
    g.set(0, g.make<NegOp>(g.of()));
    return success();
  }
};

// y = sqrt(x): dy = dx / (2 y); y + y is exact.
struct SqrtRule : Rule<SqrtRule, SqrtOp> {
  static LogicalResult derive(SqrtOp op, Gradients &g) {
    Value twice = g.make<AddOp>(op.getResult(), op.getResult());
    g.set(0, g.make<DivOp>(g.of(), twice));
    return success();
  }
};

// d relu(x) = dx where relu(x) > 0, else 0
struct ReluRule : Rule<ReluRule, ReluOp> {
  static LogicalResult derive(ReluOp op, Gradients &g) {
    g.set(0, g.make<ReluGradOp>(g.of(), op.getResult()));
    return success();
  }
};

// d cast(x) = dx, in x's format. A user's cast has a user's cast as derivative,
// so that the gradient is rounded where the model rounds.
struct CastRule : Rule<CastRule, CastOp> {
  static LogicalResult derive(CastOp op, Gradients &g) {
    g.set(0, g.make<CastOp>(op.getInput().getType(), g.of(), op.getUser()));
    return success();
  }
};

// The gradient goes where the element came from.
struct SelectRule : Rule<SelectRule, SelectOp> {
  static LogicalResult derive(SelectOp op, Gradients &g) {
    Type type = g.of().getType();
    Value zero = g.scalar(0, g.of());
    if (g.needs(1))
      g.set(1, g.make<SelectOp>(type, op.getCondition(), g.of(), zero));
    if (g.needs(2))
      g.set(2, g.make<SelectOp>(type, op.getCondition(), zero, g.of()));
    return success();
  }
};
} // namespace

void rules::attachElementwise(MLIRContext &context) {
  AddRule::attach(context);
  SubRule::attach(context);
  MulRule::attach(context);
  DivRule::attach(context);
  NegRule::attach(context);
  SqrtRule::attach(context);
  ReluRule::attach(context);
  CastRule::attach(context);
  SelectRule::attach(context);
}
