#include "compiler/lowering/LossOps.h"
#include "compiler/lowering/ScalarOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mpc;

namespace {
struct Emit {
  OpBuilder &b;
  Location loc;
  Value p, t;

  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value neg(Value x) { return arith::NegFOp::create(b, loc, x); }
  Value abs(Value x) { return math::AbsFOp::create(b, loc, x); }
  Value exp(Value x) { return math::ExpOp::create(b, loc, x); }
  Value number(double value) { return f32Constant(b, loc, value, lanesOf(p)); }
  // Comparisons with NaN do not hold.
  Value choose(arith::CmpFPredicate predicate, Value x, Value y, Value holds,
               Value otherwise) {
    Value condition = arith::CmpFOp::create(b, loc, predicate, x, y);
    return arith::SelectOp::create(b, loc, condition, holds, otherwise);
  }

  // log(1 + x) for 0 <= x <= 1. What 1 + x loses of x is made good by the
  // quotient, in which the same error stands (Goldberg 1991, theorem 4).
  Value logOnePlus(Value x) {
    Value sum = add(x, number(1));
    Value log = math::LogOp::create(b, loc, sum);
    Value corrected = mul(log, div(x, sub(sum, number(1))));
    return choose(arith::CmpFPredicate::OEQ, sum, number(1), x, corrected);
  }

  Value loss(PointwiseLoss kind) {
    Value d = sub(p, t);
    switch (kind) {
    case PointwiseLoss::Mse:
      return mul(d, d);
    case PointwiseLoss::L1:
      return abs(d);
    case PointwiseLoss::Huber:
      return choose(arith::CmpFPredicate::OLE, abs(d), number(1),
                    mul(mul(d, d), number(0.5)), sub(abs(d), number(0.5)));
    case PointwiseLoss::BceLogits: {
      Value positive =
          choose(arith::CmpFPredicate::OLT, p, number(0), number(0), p);
      return add(sub(positive, mul(p, t)), logOnePlus(exp(neg(abs(p)))));
    }
    }
    llvm_unreachable("unknown loss");
  }

  Value derivative(PointwiseLoss kind) {
    Value d = sub(p, t);
    auto clip = [&](Value inside, double at) {
      Value below =
          choose(arith::CmpFPredicate::OLT, d, number(-at), number(-1), inside);
      return choose(arith::CmpFPredicate::OGT, d, number(at), number(1), below);
    };
    switch (kind) {
    case PointwiseLoss::Mse:
      return mul(d, number(2));
    case PointwiseLoss::L1:
      return clip(d, 0);
    case PointwiseLoss::Huber:
      return clip(d, 1);
    case PointwiseLoss::BceLogits:
      return sub(div(number(1), add(number(1), exp(neg(p)))), t);
    }
    llvm_unreachable("unknown loss");
  }
};
} // namespace

Value mpc::emitPointwiseLoss(OpBuilder &b, Location loc, PointwiseLoss kind,
                             Value prediction, Value target) {
  return Emit{b, loc, prediction, target}.loss(kind);
}

Value mpc::emitPointwiseDerivative(OpBuilder &b, Location loc,
                                   PointwiseLoss kind, Value prediction,
                                   Value target) {
  return Emit{b, loc, prediction, target}.derivative(kind);
}
