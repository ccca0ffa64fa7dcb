#include "compiler/lowering/LossOps.h"
#include "compiler/lowering/ScalarModels.h"
#include "compiler/lowering/ScalarShort.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mpc;
using namespace mpc::scalar;

#include "compiler/lowering/Interfaces.cpp.inc"

Type mpc::withLanes(Type element, int64_t lanes) {
  return lanes == 1 ? element : Type(VectorType::get({lanes}, element));
}

int64_t mpc::lanesOf(Value value) {
  auto vector = dyn_cast<VectorType>(value.getType());
  return vector ? vector.getNumElements() : 1;
}

Value mpc::broadcastLanes(OpBuilder &b, Location loc, Value value,
                          int64_t lanes) {
  if (lanes == 1 || isa<VectorType>(value.getType()))
    return value;
  auto type = VectorType::get({lanes}, value.getType());
  return vector::BroadcastOp::create(b, loc, type, value);
}

Value mpc::f32Constant(OpBuilder &b, Location loc, double value,
                       int64_t lanes) {
  Value scalar = arith::ConstantOp::create(
      b, loc, b.getF32FloatAttr(static_cast<float>(value)));
  return broadcastLanes(b, loc, scalar, lanes);
}

Value mpc::intConstant(OpBuilder &b, Location loc, Type element, int64_t value,
                       int64_t lanes) {
  Value scalar =
      arith::ConstantOp::create(b, loc, b.getIntegerAttr(element, value));
  return broadcastLanes(b, loc, scalar, lanes);
}

Value mpc::indexConstant(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

Value mpc::roundTo(OpBuilder &b, Location loc, Value value, Type element) {
  if (!isa<FloatType>(element) || element.isF32())
    return value;
  int64_t lanes = lanesOf(value);
  Value narrow =
      arith::TruncFOp::create(b, loc, withLanes(element, lanes), value);
  return arith::ExtFOp::create(b, loc, withLanes(b.getF32Type(), lanes),
                               narrow);
}

namespace {
template <typename OpTy, typename FloatOp, typename IntOp>
Elements emitBinary(OpTy op, B &b, Operands o) {
  if (isa<FloatType>(elementTypeOf(op.getResult())))
    return {FloatOp::create(b, o[0], o[1])};
  return {IntOp::create(b, o[0], o[1])};
}

template <typename OpTy> Elements emitFirst(OpTy, B &, Operands o) {
  return {o[0]};
}
Elements emitNeg(NegOp, B &b, Operands o) {
  return {arith::NegFOp::create(b, o[0])};
}
Elements emitSqrt(SqrtOp op, B &b, Operands o) {
  FloatMath m(b, b.getLoc(), lanesOf(o[0]));
  bool isShort = hasShortForms(elementTypeOf(op.getResult()));
  return {isShort ? shortSqrt(m, o[0]) : m.sqrt(o[0])};
}

// Unordered, so that NaN stays; not greater, so that -0 becomes 0.
Elements emitRelu(ReluOp, B &b, Operands o) {
  Value zero = constantLike(b, o[0], 0);
  return {
      select(b, compare(b, arith::CmpFPredicate::UGT, o[0], zero), o[0], zero)};
}
Elements emitReluGrad(ReluGradOp, B &b, Operands o) {
  Value zero = constantLike(b, o[0], 0);
  return {
      select(b, compare(b, arith::CmpFPredicate::OGT, o[1], zero), o[0], zero)};
}
Elements emitSelect(SelectOp, B &b, Operands o) {
  return {select(b, o[0], o[1], o[2])};
}

Elements emitSeed(GradientSeedOp, B &b, Operands o) {
  return {o.empty() ? f32Constant(b, b.getLoc(), 1) : o[0]};
}
Elements emitParameterGradient(ParameterGradientOp, B &b, Operands o) {
  return {o.size() == 1 ? o[0] : mul(b, o[0], o[1])};
}

Elements emitPointwiseLossGrad(PointwiseLossGradOp op, B &b, Operands o) {
  Value count =
      constantLike(b, o[0], double(elementCount(shapeOf(op.getPrediction()))));
  Value derivative =
      emitPointwiseDerivative(b, b.getLoc(), op.getKind(), o[1], o[2]);
  return {div(b, mul(b, o[0], derivative), count)};
}

Elements emitSgd(SgdOp op, B &b, Operands o) {
  Value parameter = o[0], gradient = o[1];
  size_t next = op.getMoment() ? 3 : 2;
  Value lr = o[next], decay = o[next + 1];
  Value step = add(b, gradient, mul(b, decay, parameter));
  Elements results;
  if (op.getMoment()) {
    Value momentum = o[next + 2];
    Value moment = add(b, mul(b, momentum, o[2]), step);
    results.push_back(moment);
    step = op.getNesterov() ? add(b, step, mul(b, momentum, moment)) : moment;
  }
  results.insert(results.begin(), sub(b, parameter, mul(b, lr, step)));
  return results;
}

// base^exponent by repeated squaring, 1 for exponents below 1.
Value emitPower(B &b, Value base, Value exponent) {
  Type i64 = b.getI64Type();
  Location loc = b.getLoc();
  Value zero = intConstant(b, loc, i64, 0), one = intConstant(b, loc, i64, 1);
  auto loop = scf::WhileOp::create(
      b, TypeRange{b.getF32Type(), b.getF32Type(), i64},
      ValueRange{f32Constant(b, loc, 1), base, exponent},
      [&](OpBuilder &nested, Location at, ValueRange v) {
        Value more = arith::CmpIOp::create(
            nested, at, arith::CmpIPredicate::sgt, v[2], zero);
        scf::ConditionOp::create(nested, at, more, v);
      },
      [&](OpBuilder &nested, Location at, ValueRange v) {
        Value bit = arith::AndIOp::create(nested, at, v[2], one);
        Value odd = arith::CmpIOp::create(nested, at, arith::CmpIPredicate::eq,
                                          bit, one);
        Value times = arith::MulFOp::create(nested, at, v[0], v[1]);
        Value power = arith::SelectOp::create(nested, at, odd, times, v[0]);
        Value square = arith::MulFOp::create(nested, at, v[1], v[1]);
        Value half = arith::ShRSIOp::create(nested, at, v[2], one);
        scf::YieldOp::create(nested, at, ValueRange{power, square, half});
      });
  return loop.getResult(0);
}

Elements emitAdamFactors(AdamFactorsOp, B &b, Operands o) {
  Value one = f32Constant(b, b.getLoc(), 1);
  Value t = arith::AddIOp::create(
      b, o[3], intConstant(b, b.getLoc(), b.getI64Type(), 1));
  Value step = div(b, o[0], sub(b, one, emitPower(b, o[1], t)));
  Value root = math::SqrtOp::create(b, sub(b, one, emitPower(b, o[2], t)));
  return {step, root};
}

// Operands: parameter, gradient, m, v, lr, beta1, beta2, eps, weight_decay,
// step_size, root.
Elements emitAdam(AdamOp op, B &b, Operands o) {
  Value parameter = o[0], g = o[1], lr = o[4], beta1 = o[5], beta2 = o[6];
  Value one = constantLike(b, g, 1);
  if (op.getDecoupled())
    parameter = mul(b, parameter, sub(b, one, mul(b, lr, o[8])));
  else
    g = add(b, g, mul(b, o[8], parameter));
  Value m = add(b, mul(b, beta1, o[2]), mul(b, sub(b, one, beta1), g));
  Value v =
      add(b, mul(b, beta2, o[3]), mul(b, mul(b, sub(b, one, beta2), g), g));
  Value root = math::SqrtOp::create(b, v);
  Value denominator = add(b, div(b, root, o[10]), o[7]);
  Value step = div(b, mul(b, o[9], m), denominator);
  return {sub(b, parameter, step), m, v};
}

Elements emitStepLr(StepLrOp, B &b, Operands o) {
  Value steps = arith::SIToFPOp::create(b, b.getF32Type(), o[3]);
  Value times = math::FloorOp::create(b, div(b, steps, o[2]));
  Value exponent = arith::FPToSIOp::create(b, b.getI64Type(), times);
  return {mul(b, o[0], emitPower(b, o[1], exponent))};
}

// Unordered, so that a NaN norm stays visible.
Elements emitClipFactor(ClipFactorOp, B &b, Operands o) {
  Value one = constantLike(b, o[0], 1);
  Value ratio = div(b, o[1], add(b, o[0], constantLike(b, o[0], 1e-6)));
  return {
      select(b, compare(b, arith::CmpFPredicate::ULT, ratio, one), ratio, one)};
}

// Operands: scale, good_steps, bad_steps, all_finite, growth_factor,
// growth_interval, backoff_factor, hysteresis, min_scale, max_scale.
Elements emitUpdateLossScale(UpdateLossScaleOp, B &b, Operands o) {
  Type i64 = b.getI64Type();
  Value zero = intConstant(b, b.getLoc(), i64, 0);
  Value one = intConstant(b, b.getLoc(), i64, 1);
  auto reaches = [&](Value count, Value limit) {
    Value number = arith::SIToFPOp::create(b, b.getF32Type(), count);
    return compare(b, arith::CmpFPredicate::OGE, number, limit);
  };
  Value finite = o[3];
  Value good = arith::AddIOp::create(b, o[1], one);
  Value bad = arith::AddIOp::create(b, o[2], one);
  Value grows = reaches(good, o[5]), shrinks = reaches(bad, o[7]);
  Value larger = arith::MinimumFOp::create(b, mul(b, o[0], o[4]), o[9]);
  Value smaller = arith::MaximumFOp::create(b, mul(b, o[0], o[6]), o[8]);
  Value scale = select(b, finite, select(b, grows, larger, o[0]),
                       select(b, shrinks, smaller, o[0]));
  return {scale, select(b, finite, select(b, grows, zero, good), zero),
          select(b, finite, zero, select(b, shrinks, zero, bad))};
}
} // namespace

void mpc::registerScalarOps(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MpcDialect *) {
    attach<AddOp, emitBinary<AddOp, arith::AddFOp, arith::AddIOp>>(context);
    attach<SubOp, emitBinary<SubOp, arith::SubFOp, arith::SubIOp>>(context);
    attach<MulOp, emitBinary<MulOp, arith::MulFOp, arith::MulIOp>>(context);
    attach<NegOp, emitNeg, true>(context);
    attach<SqrtOp, emitSqrt>(context);
    attach<ReluOp, emitRelu, true>(context);
    attach<ReluGradOp, emitReluGrad, true>(context);
    attach<SelectOp, emitSelect, true>(context);
    attachUnary(context);
    attachUnaryGrad(context);
    attachIntegers(context);
    attachPowers(context);
    attachRelations(context);
    attach<CastOp, emitFirst<CastOp>, true>(context);
    attach<BroadcastOp, emitFirst<BroadcastOp>, true>(context);
    attach<GradientSeedOp, emitSeed>(context);
    attach<ParameterGradientOp, emitParameterGradient>(context);
    attach<PointwiseLossGradOp, emitPointwiseLossGrad>(context);
    attach<SgdOp, emitSgd>(context);
    attach<AdamFactorsOp, emitAdamFactors>(context);
    attach<AdamOp, emitAdam>(context);
    attach<StepLrOp, emitStepLr>(context);
    attach<ClipFactorOp, emitClipFactor>(context);
    attach<UpdateLossScaleOp, emitUpdateLossScale>(context);
  });
}
